package org.courier.app

import android.app.Application
import android.os.Build
import androidx.work.Configuration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.launch
import org.courier.core.Config
import org.courier.core.Courier
import org.courier.core.Ports
import org.courier.core.RouteView
import org.courier.core.coreVersion
import org.courier.data.AttachedClock
import org.courier.data.CourierRepository
import org.courier.data.followPositions
import org.courier.data.syncWhenOnline
import java.io.File

/** Holds the one repository, for the screen and for the exchanges in the background. */
open class CourierApplication :
    Application(),
    Configuration.Provider {
    private val onScreen = MutableStateFlow(false)
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    val preferences by lazy { SharedSettings(this) }
    val repository by lazy { CourierRepository(scope, preferences, WorkSync(this), ::connect) }

    val fixes by lazy { LocationFixes(this) }

    /** WorkManager begins when it is needed first. */
    override val workManagerConfiguration: Configuration get() = Configuration.Builder().build()

    override fun onCreate() {
        super.onCreate()
        // The screens have words of the core: its library is loaded while Android makes the screen, and not while one is drawn.
        scope.launch { coreVersion() }
        repository.syncWhenOnline(scope, NetworkHint(this))
        repository.followPositions(scope, fixes)
        followDay()
    }

    /** The day's service begins on the screen: Android lets nothing that is begun elsewhere see the position. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private fun followDay() =
        scope.launch {
            onScreen
                .flatMapLatest { shown -> if (shown) combine(repository.route, fixes.allowed, ::serves) else flowOf(false) }
                .distinctUntilChanged()
                .collect { if (it) DayService.start(this@CourierApplication) }
        }

    private fun serves(
        route: RouteView?,
        allowed: Boolean,
    ) = allowed && route != null && route.started && !route.closed

    /** The screen is there. */
    fun shown() {
        onScreen.value = true
        inOrder { repository.resume() }
    }

    /** The screen is gone, and Android may freeze or kill the process soon. */
    fun hidden() {
        onScreen.value = false
        inOrder { repository.pause(DEADLINE_MS) }
    }

    /** Coming and going reach the repository in the order in which Android tells them. */
    private fun inOrder(work: suspend () -> Unit) {
        scope.launch(start = CoroutineStart.UNDISPATCHED) { work() }
    }

    /** What the core needs of this phone. Nothing of it is in a backup. */
    protected open fun ports() =
        Ports(AttachedClock(BootClock(this)), KeystoreKey(this), KeystoreStore(File(noBackupFilesDir, "secrets")), SystemLog)

    private fun connect(server: String) =
        Courier(
            Config(
                dataDir = File(noBackupFilesDir, "data").path,
                server = server,
                platform = "android-${Build.VERSION.SDK_INT}",
                app = "courier-android ${BuildConfig.VERSION_NAME}",
                autoSync = autoSync,
            ),
            ports(),
        )

    /** Whether the core exchanges by itself while it is open. */
    protected open val autoSync get() = true

    private companion object {
        /** Android leaves an app about five seconds after its screen is gone. */
        const val DEADLINE_MS = 4_000L
    }
}
