package org.courier.app

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.POST_NOTIFICATIONS
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build
import android.os.Bundle
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.OnBackPressedCallback
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.activity.result.contract.ActivityResultContracts
import androidx.compose.foundation.layout.Box
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.semantics.testTagsAsResourceId
import androidx.lifecycle.ViewModel
import androidx.lifecycle.ViewModelProvider
import androidx.lifecycle.lifecycleScope
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.courier.ui.AppState
import org.courier.ui.CourierApp

/** What is on the screen, through rotations. */
class Held : ViewModel() {
    internal val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    internal var state: AppState? = null
    internal var platform: AndroidPlatform? = null

    override fun onCleared() = scope.cancel()
}

/** The one activity: Android's side of the screens. */
class MainActivity : ComponentActivity() {
    private val courier get() = application as CourierApplication
    private lateinit var platform: AndroidPlatform

    lateinit var state: AppState
        private set

    private val scanner =
        registerForActivityResult(ActivityResultContracts.StartActivityForResult()) { result ->
            result.data?.getStringExtra(AndroidPlatform.RESULT)?.let { state.scanned(it) }
        }

    private val camera =
        registerForActivityResult(ActivityResultContracts.StartActivityForResult()) { result ->
            // Also after the camera ended the process: the place and what was filled in are there again.
            if (result.resultCode == RESULT_OK) state.photographed(CameraFile.of(this).path)
        }

    private val permission =
        registerForActivityResult(ActivityResultContracts.RequestMultiplePermissions()) { courier.fixes.lookAgain() }

    /**
     * Each is asked for once, when a day has begun. Without the place arrivals are told by hand; without notices the day runs
     * as before, and only Android's own list of running apps shows it. Who refuses the place is not asked about notices.
     */
    private suspend fun askForPermissions() {
        courier.repository.wantsFixes.first { it }
        // Android 12 and later give a rough one only to whoever asks for both.
        askOnce(ASKED_PLACE, ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return
        courier.fixes.allowed.first { it }
        askOnce(ASKED_NOTICES, POST_NOTIFICATIONS)
    }

    private fun askOnce(
        asked: String,
        vararg permissions: String,
    ) {
        if (courier.preferences.read(asked) != null || permissions.all { checkSelfPermission(it) == PERMISSION_GRANTED }) return
        courier.preferences.write(asked, "yes")
        permission.launch(arrayOf(*permissions))
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // Names and addresses are on every screen: none is in a screenshot, a recording or the list of recent apps.
        window.setFlags(WindowManager.LayoutParams.FLAG_SECURE, WindowManager.LayoutParams.FLAG_SECURE)
        enableEdgeToEdge()
        val held = ViewModelProvider(this)[Held::class.java]
        state = held.state ?: begun(held, savedInstanceState).also { held.state = it }
        platform = checkNotNull(held.platform).also { it.activity = this }
        onBackPressedDispatcher.addCallback(this, back)
        // What the screens call themselves in tests is seen by tools outside of the app too: emulator.sh measures with one.
        setContent { Box(Modifier.semantics { testTagsAsResourceId = true }) { CourierApp(state) } }
        lifecycleScope.launch { askForPermissions() }
        if (savedInstanceState == null) take(intent)
    }

    private fun begun(
        held: Held,
        saved: Bundle?,
    ): AppState {
        fun activity() = held.platform?.activity as? MainActivity
        val platform = AndroidPlatform(applicationContext, { activity()?.scanner?.launch(it) }, { activity()?.camera?.launch(it) })
        held.platform = platform
        val language = resources.configuration.locales[0].toLanguageTag()
        return AppState(
            courier.repository,
            courier.preferences,
            platform,
            held.scope,
            language,
            saved?.getStringArrayList(PLACE).orEmpty(),
        )
    }

    private val back =
        object : OnBackPressedCallback(true) {
            override fun handleOnBackPressed() {
                if (!state.goBack()) moveTaskToBack(true)
            }
        }

    public override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        take(intent)
    }

    private fun take(intent: Intent?) {
        ScannerIntent.textOf(intent)?.let(state::scanned)
    }

    override fun onStart() {
        super.onStart()
        courier.shown()
    }

    override fun onResume() {
        super.onResume()
        courier.fixes.lookAgain() // perhaps allowed in the phone's settings
    }

    override fun onStop() {
        // A rotation is no leaving.
        if (!isChangingConfigurations) courier.hidden()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putStringArrayList(PLACE, ArrayList(state.saved()))
    }

    override fun onDestroy() {
        if (platform.activity === this) platform.activity = null
        super.onDestroy()
    }

    private companion object {
        const val PLACE = "place"

        /** Whether the courier was asked for the phone's position, and for notices. */
        const val ASKED_PLACE = "asked-for-position"
        const val ASKED_NOTICES = "asked-for-notices"
    }
}
