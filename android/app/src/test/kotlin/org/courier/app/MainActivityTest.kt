package org.courier.app

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.CALL_PHONE
import android.Manifest.permission.FOREGROUND_SERVICE_LOCATION
import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.Activity
import android.content.ComponentName
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.media.ToneGenerator
import android.net.Uri
import android.view.WindowManager
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.junit4.v2.createAndroidComposeRule
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollToNode
import androidx.compose.ui.test.performTextReplacement
import androidx.lifecycle.Lifecycle
import androidx.test.core.app.ApplicationProvider
import androidx.work.NetworkType
import androidx.work.WorkManager
import kotlinx.coroutines.runBlocking
import org.courier.core.Command
import org.courier.core.CourierException
import org.courier.data.Answer
import org.courier.data.Office
import org.courier.data.Parcel
import org.courier.data.SYNC_BUDGET_MS
import org.courier.ui.Place
import org.courier.ui.door.Step
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowToneGenerator
import java.io.FileNotFoundException

private const val PATIENCE_MS = 60_000L

/** The real activity on Android 15 as Robolectric plays it, with the real core and a real backend process. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], application = TestApplication::class, qualifiers = "en-rGB-w411dp-h891dp")
class MainActivityTest {
    @get:Rule
    val rule = createAndroidComposeRule<MainActivity>()

    private val office = Office()
    private val kaya = Parcel("Kaya")
    private val application get() = ApplicationProvider.getApplicationContext<TestApplication>()
    private val scenario get() = rule.activityRule.scenario
    private val state get() = rule.activity.state

    @Before
    fun boots() {
        android.provider.Settings.Global.putInt(application.contentResolver, android.provider.Settings.Global.BOOT_COUNT, 1)
    }

    @After
    fun end() {
        runBlocking { application.repository.close() }
        office.close()
    }

    private fun await(tag: String) =
        rule.waitUntil(PATIENCE_MS) { rule.onAllNodesWithTag(tag).fetchSemanticsNodes().isNotEmpty() }

    private fun find(
        list: String,
        tag: String,
    ) {
        await(list)
        rule.waitUntil(PATIENCE_MS) {
            runCatching { rule.onNodeWithTag(list).performScrollToNode(hasTestTag(tag)) }.isSuccess
        }
    }

    private fun tap(
        list: String,
        tag: String,
    ) {
        find(list, tag)
        rule.onNodeWithTag(tag).performClick()
    }

    private fun awaitMessage(text: String) =
        rule.waitUntil(PATIENCE_MS) { state.message?.text?.invoke(state.language.words)?.startsWith(text) == true }

    private fun enter(digits: String) {
        digits.forEach { tap("door", "key-$it") }
        tap("door", "ok")
    }

    private fun scanner(text: String) =
        Intent(ScannerIntent.SCAN)
            .setComponent(ComponentName(application, MainActivity::class.java))
            .putExtra("com.symbol.datawedge.data_string", text)

    /** Ada's phone with Kaya's parcel, and the day begun. */
    private fun started(parcel: Parcel = kaya) {
        office.publish(parcel)
        await("enrol")
        rule.onNodeWithTag("server").performTextReplacement(office.url)
        rule.onNodeWithTag("enrolment-code").performTextReplacement(office.enrolmentCode())
        rule.onNodeWithTag("enrol").performClick()
        awaitMessage("Welcome, Ada.")
        tap("today", "exchange")
        awaitMessage("Exchanged.")
        tap("today", "start-day")
        awaitMessage("Recorded.")
    }

    private fun toTheDoor() {
        tap("today", "stop-1")
        tap("stop", "arrive")
        await("arrived")
        tap("stop", "door-Kaya")
        find("door", "barcode")
    }

    /** The system ends process and activity; what it had saved is all that comes back. */
    private fun recreateWithoutMemory() {
        rule.runOnUiThread { rule.activity.viewModelStore.clear() }
        scenario.recreate()
    }

    @Test
    fun `a whole door in the real activity, from the enrolment to confirmed`() {
        started()
        toTheDoor()
        rule.onNodeWithTag("barcode").performTextReplacement(kaya.barcode)
        tap("door", "take-barcode")
        find("door", "key-0")
        enter(office.digits(kaya))
        awaitMessage("The recipient's code accepted")
        tap("door", "receiver-Recipient")
        tap("door", "record")
        find("door", "done")
        runBlocking { application.repository.sync(SYNC_BUDGET_MS) }
        rule.waitUntil(PATIENCE_MS) { "\"delivered\"" in office.page(kaya) }
        rule.waitUntil(PATIENCE_MS) {
            rule.onAllNodesWithTag("done").fetchSemanticsNodes().any { "confirmed" in it.config.toString() }
        }
    }

    @Test
    fun `a rotation loses nothing, and a process that dies loses only what may not be kept`() {
        started()
        recreateWithoutMemory()
        await("today")
        toTheDoor()
        recreateWithoutMemory()
        find("door", "barcode")
        scenario.onActivity { it.state.scanned(kaya.barcode) }
        tap("door", "key-4")
        tap("door", "key-2")
        scenario.recreate()
        find("door", "digits")
        assertEquals("42", state.door?.digits)
        recreateWithoutMemory()
        find("door", "digits")
        assertEquals("", state.door?.digits)
        enter(office.digits(kaya))
        awaitMessage("The recipient's code accepted")
        recreateWithoutMemory()
        tap("door", "receiver-Recipient")
        tap("door", "record")
        find("door", "done")
        recreateWithoutMemory()
        find("door", "done")
        assertEquals(Step.DONE, state.door?.step)
    }

    @Test
    fun `a hardware scanner's intent is a scan, and any other intent is none`() {
        started()
        toTheDoor()
        rule.runOnUiThread { rule.activity.onNewIntent(Intent(Intent.ACTION_VIEW).putExtra("data", kaya.barcode)) }
        rule.runOnUiThread { rule.activity.onNewIntent(Intent(ScannerIntent.SCAN).putExtra("data", "x".repeat(2_000))) }
        assertEquals(Step.SCAN, state.door?.step)
        rule.runOnUiThread { rule.activity.onNewIntent(scanner(kaya.barcode)) }
        find("door", "key-0")
    }

    @Test
    fun `the camera's scanner is asked by intent, and its answer arrives also after a rotation`() {
        started()
        toTheDoor()
        tap("door", "scan")
        val asked = shadowOf(rule.activity).nextStartedActivityForResult
        assertEquals(AndroidPlatform.SCAN, asked.intent.action)
        rule.runOnUiThread {
            val answer = Intent().putExtra(AndroidPlatform.RESULT, kaya.barcode)
            shadowOf(rule.activity).receiveResult(asked.intent, Activity.RESULT_OK, answer)
        }
        find("door", "key-0")
    }

    @Test
    fun `the office's QR is read by the same intent, and only fills in`() {
        await("enrol")

        fun scan(read: String) {
            rule.onNodeWithTag("scan-office").performClick()
            val asked = shadowOf(rule.activity).nextStartedActivityForResult
            assertEquals(AndroidPlatform.SCAN, asked.intent.action)
            rule.runOnUiThread {
                val answer = Intent().putExtra(AndroidPlatform.RESULT, read)
                shadowOf(rule.activity).receiveResult(asked.intent, Activity.RESULT_OK, answer)
            }
        }
        scan("WIFI:S:office;;")
        awaitMessage("This is not the QR code that the office shows")
        assertEquals("", state.enrolmentCode)
        scan("${office.url}\n${office.enrolmentCode()}")
        awaitMessage("Filled in.")
        rule.onNodeWithTag("enrol").performClick()
        awaitMessage("Welcome, Ada.")
    }

    @Test
    fun `a camera that is refused or left leaves what was typed`() {
        await("enrol")
        rule.onNodeWithTag("server").performTextReplacement("https://typed.example")
        rule.onNodeWithTag("scan-office").performClick()
        val asked = shadowOf(rule.activity).nextStartedActivityForResult
        rule.runOnUiThread { shadowOf(rule.activity).receiveResult(asked.intent, Activity.RESULT_CANCELED, null) }
        rule.waitForIdle()
        assertEquals("https://typed.example", state.server)
        shadowOf(application).checkActivities(true)
        rule.onNodeWithTag("scan-office").performClick()
        awaitMessage("No scanner app is on this phone. Type server and code.")
    }

    @Test
    fun `what waits is a work that wants a network, one for all`() {
        started()
        val works = WorkManager.getInstance(application).getWorkInfosForUniqueWork(WorkSync.NAME).get()
        assertEquals(1, works.count { !it.state.isFinished })
        assertEquals(NetworkType.CONNECTED, works.single { !it.state.isFinished }.constraints.requiredNetworkType)
    }

    @Test
    fun `an app that leaves the screen sends what waits and closes the core, and is there again when it comes back`() {
        started()
        toTheDoor()
        scenario.moveToState(Lifecycle.State.CREATED)
        rule.waitUntil(PATIENCE_MS) { "\"arrived\":1" in office.totals() }
        // Asked again and again until the core is closed: the day has begun already, so nothing is recorded.
        rule.waitUntil(PATIENCE_MS) { answerTo(Command.StartDay) is CourierException.Closed }
        scenario.moveToState(Lifecycle.State.RESUMED)
        scenario.onActivity { it.state.scanned(kaya.barcode) }
        awaitMessage("Scanned.")
    }

    private fun answerTo(command: Command) = (runBlocking { application.repository.submit(command) } as? Answer.No)?.error

    @Test
    fun `back leads up, and at last out of the app without ending it`() {
        started()
        tap("today", "settings")
        rule.runOnUiThread { rule.activity.onBackPressedDispatcher.onBackPressed() }
        await("today")
        assertEquals(Place.Today, state.place)
        rule.runOnUiThread { rule.activity.onBackPressedDispatcher.onBackPressed() }
        assertFalse(rule.activity.isFinishing)
        rule.onNodeWithTag("today").assertIsDisplayed()
    }

    @Test
    fun `nothing is in screenshots, backups or plain text on the network, and no permission but for place and notices is asked for`() {
        val flags = rule.activity.window.attributes.flags
        assertTrue(flags and WindowManager.LayoutParams.FLAG_SECURE != 0)
        val info = application.applicationInfo
        assertEquals(0, info.flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
        assertEquals(0, info.flags and ApplicationInfo.FLAG_USES_CLEARTEXT_TRAFFIC)
        val dangerous = requestedPermissions().filter { it.endsWith("_LOCATION") || it.endsWith("CAMERA") || it.endsWith("NOTIFICATIONS") }
        val known = listOf(ACCESS_COARSE_LOCATION, ACCESS_FINE_LOCATION, FOREGROUND_SERVICE_LOCATION, POST_NOTIFICATIONS)
        assertEquals(known, dangerous)
    }

    private fun requestedPermissions() =
        application.packageManager
            .getPackageInfo(application.packageName, PackageManager.GET_PERMISSIONS)
            .requestedPermissions
            .orEmpty()

    @Test
    fun `the place is asked for once, and only when a day has begun`() {
        fun asked() = shadowOf(rule.activity).lastRequestedPermission
        await("enrol")
        assertNull(asked())
        started()
        rule.waitUntil(PATIENCE_MS) { asked() != null }
        assertEquals(setOf(ACCESS_COARSE_LOCATION, ACCESS_FINE_LOCATION), asked().requestedPermissions.toSet())
        scenario.recreate()
        await("today")
        rule.waitForIdle()
        assertNull(asked())
    }

    private fun allowThePlace() {
        shadowOf(application).grantPermissions(ACCESS_COARSE_LOCATION, ACCESS_FINE_LOCATION)
        rule.runOnUiThread { application.fixes.lookAgain() }
    }

    @Test
    fun `notices are asked for once, after the place was allowed, and who refuses them goes on`() {
        fun asked() = shadowOf(rule.activity).lastRequestedPermission
        started()
        rule.waitUntil(PATIENCE_MS) { asked() != null }
        rule.waitForIdle()
        assertFalse(POST_NOTIFICATIONS in asked().requestedPermissions)
        allowThePlace()
        rule.waitUntil(PATIENCE_MS) { POST_NOTIFICATIONS in asked().requestedPermissions }
        rule.runOnUiThread {
            val refused = intArrayOf(PackageManager.PERMISSION_DENIED)
            rule.activity.onRequestPermissionsResult(asked().requestCode, asked().requestedPermissions, refused)
        }
        scenario.recreate()
        await("today")
        rule.waitForIdle()
        assertNull(asked())
        toTheDoor()
    }

    @Test
    fun `the day's service begins with the day where the place is allowed, and not before`() {
        fun service() = shadowOf(application).peekNextStartedService()?.component?.className
        await("enrol")
        allowThePlace()
        rule.waitForIdle()
        assertNull(service())
        started()
        rule.waitUntil(PATIENCE_MS) { service() == DayService::class.java.name }
    }

    @Test
    fun `what Android may keep of a door is identifiers, never names or digits`() {
        started()
        toTheDoor()
        scenario.onActivity { it.state.scanned(kaya.barcode) }
        tap("door", "key-4")
        val saved = state.saved()
        assertEquals(3, saved.size)
        for (text in saved) assertFalse("Kaya" in text || "LABEL" in text || text == "4")
    }

    @Test
    fun `what worked sounds otherwise than what did not`() {
        started()
        toTheDoor()

        fun lastTone() = ShadowToneGenerator.getPlayedTones().last().type()
        scenario.onActivity { it.state.scanned("NOBODY-KNOWS-1") }
        rule.waitUntil(PATIENCE_MS) { state.message?.worked == false }
        assertEquals(ToneGenerator.TONE_PROP_NACK, lastTone())
        scenario.onActivity { it.state.scanned(kaya.barcode) }
        awaitMessage("Scanned.")
        assertEquals(ToneGenerator.TONE_PROP_ACK, lastTone())
    }

    @Test
    fun `a file for the office is handed out by its own name, to be read, and no other is`() {
        val file = ExportFile.next(application).apply { writeText("sealed") }
        val newer = ExportFile.next(application)
        assertNotEquals(file, newer)
        assertEquals(file, ExportFile.newest(application))
        val resolver = application.contentResolver
        assertEquals("sealed", resolver.openInputStream(ExportFile.uriOf(file))!!.reader().readText())
        assertThrows(FileNotFoundException::class.java) { resolver.openInputStream(ExportFile.uriOf(newer)) }
        assertThrows(FileNotFoundException::class.java) { resolver.openOutputStream(ExportFile.uriOf(file)) }
        val outside = Uri.parse("content://org.courier.app.export/../secrets/secret")
        assertThrows(FileNotFoundException::class.java) { resolver.openInputStream(outside) }
    }

    @Test
    fun `a call opens the dialler with the number and dials nothing, and needs no permission`() {
        started(kaya.copy(phone = "0049 30 23125-007"))
        tap("today", "stop-1")
        tap("stop", "call-Kaya")
        val asked = shadowOf(rule.activity).nextStartedActivity
        assertEquals(Intent.ACTION_DIAL to "tel:+493023125007", asked.action to asked.dataString)
        assertNull(asked.extras)
        assertFalse(CALL_PHONE in requestedPermissions())
        shadowOf(application).checkActivities(true)
        tap("stop", "call-Kaya")
        awaitMessage("No app on this phone makes calls.")
    }

    @Test
    fun `a scanner or a map that this phone does not have is said`() {
        started()
        toTheDoor()
        shadowOf(application).checkActivities(true)
        tap("door", "scan")
        awaitMessage("No scanner app is on this phone.")
    }
}
