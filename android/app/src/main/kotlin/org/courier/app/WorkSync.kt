package org.courier.app

import android.content.Context
import androidx.work.BackoffPolicy
import androidx.work.Constraints
import androidx.work.CoroutineWorker
import androidx.work.ExistingWorkPolicy
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequest
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import org.courier.data.Answer
import org.courier.data.BackgroundSync
import org.courier.data.SYNC_BUDGET_MS
import org.courier.data.isEnough
import java.util.concurrent.TimeUnit

/** Exchanges by WorkManager: as soon as there is a network, also when the app is closed or the phone was restarted. */
class WorkSync(
    private val context: Context,
) : BackgroundSync {
    override fun request() {
        val request =
            OneTimeWorkRequest
                .Builder(SyncWorker::class.java)
                .setConstraints(Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build())
                .setBackoffCriteria(BackoffPolicy.EXPONENTIAL, BACKOFF_S, TimeUnit.SECONDS)
                .build()
        // One that waits already will do: it sends everything.
        WorkManager.getInstance(context).enqueueUniqueWork(NAME, ExistingWorkPolicy.KEEP, request)
    }

    companion object {
        /** The name of the one work. */
        const val NAME = "courier-sync"
        private const val BACKOFF_S = 30L
    }
}

/** One exchange. It may be killed at any instruction: the core sends again what was not acknowledged. */
class SyncWorker(
    context: Context,
    parameters: WorkerParameters,
) : CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result {
        val repository = (applicationContext as CourierApplication).repository
        return when (val answer = repository.sync(SYNC_BUDGET_MS)) {
            is Answer.Ok -> if (answer.value.isEnough) Result.success() else Result.retry()
            // Nobody's phone, or data that cannot be opened: trying again changes nothing; the app asks again when it runs.
            is Answer.No -> Result.failure()
        }
    }
}
