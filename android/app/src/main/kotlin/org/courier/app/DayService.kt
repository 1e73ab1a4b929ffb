package org.courier.app

import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION
import android.os.Build
import android.os.IBinder
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.launch
import org.courier.data.RunningDay
import org.courier.ui.words.Language

/**
 * Keeps the core open from the beginning of a day to its end, so that arrivals are noticed with the phone in a pocket.
 *
 * Its type is `location`, for that is all it is for: `dataSync` may run six hours a day since Android 15, less than a courier
 * works, and exchanges are WorkManager's. Without leave to see the position it does not run.
 */
class DayService : Service() {
    private val courier get() = application as CourierApplication
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val notice by lazy { DayNotice(this) }
    private var running: Job? = null

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        startId: Int,
    ): Int {
        if (running == null && toForeground()) running = scope.launch { runDay() }
        if (running == null) stopSelf()
        // Ended by the system, it begins again with the screen: from the background Android would give it no position.
        return START_NOT_STICKY
    }

    private suspend fun runDay() {
        val repository = courier.repository
        repository.keepOpen {
            combine(repository.day, courier.fixes.allowed) { day, allowed -> day.takeIf { allowed } }
                .takeWhile { it != null }
                .collect { day: RunningDay? -> day?.let { notice.show(it, words()) } }
        }
        stopForeground(STOP_FOREGROUND_REMOVE)
        stopSelf()
    }

    private fun words() = Language.chosen(courier.preferences, resources.configuration.locales[0].toLanguageTag()).words

    /** False: Android does not let it, such as when the leave was taken away a moment ago. */
    private fun toForeground() =
        try {
            val first = notice.of(null, words())
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
                startForeground(DayNotice.ID, first, FOREGROUND_SERVICE_TYPE_LOCATION)
            } else {
                startForeground(DayNotice.ID, first)
            }
            true
        } catch (_: SecurityException) {
            false
        } catch (_: IllegalStateException) {
            // ForegroundServiceStartNotAllowedException, since Android 12.
            false
        }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    companion object {
        /**
         * To be called while the app is on the screen. It is a plain start, which owes Android nothing: one that is refused
         * ends no app, as `startForegroundService` would.
         */
        fun start(context: Context) {
            try {
                context.startService(Intent(context, DayService::class.java))
            } catch (_: IllegalStateException) {
                // The screen is gone already; it begins when it comes back.
            }
        }
    }
}
