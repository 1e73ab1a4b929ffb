package org.courier.app

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.Notification
import android.app.NotificationManager
import android.content.ComponentName
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.os.Looper
import androidx.test.core.app.ApplicationProvider
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.courier.core.Command
import org.courier.core.CourierException
import org.courier.data.Answer
import org.courier.data.Office
import org.courier.data.Parcel
import org.courier.data.SYNC_BUDGET_MS
import org.courier.ui.words.Language
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController
import org.robolectric.annotation.Config

private const val PATIENCE_MS = 60_000L

/** The service of a running day and its notice, over the real core and a real backend process. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = TestApplication::class, qualifiers = "en-rGB")
class DayServiceTest {
    private val office = Office()
    private val parcels = listOf(Parcel("Kaya"), Parcel("Kim"))
    private val application get() = ApplicationProvider.getApplicationContext<TestApplication>()
    private val repository get() = application.repository
    private val notices get() = checkNotNull(application.getSystemService(NotificationManager::class.java))
    private val notice get() = shadowOf(notices).getNotification(DayNotice.ID)
    private var service: ServiceController<DayService>? = null

    @Before
    fun begins() {
        android.provider.Settings.Global.putInt(application.contentResolver, android.provider.Settings.Global.BOOT_COUNT, 1)
        shadowOf(application).grantPermissions(ACCESS_FINE_LOCATION)
        application.fixes.lookAgain()
        office.publish(*parcels.toTypedArray())
        runBlocking {
            repository.resume()
            check(repository.enrol(office.url, office.enrolmentCode()) is Answer.Ok)
            check(repository.sync(SYNC_BUDGET_MS) is Answer.Ok)
            check(repository.submit(Command.StartDay) is Answer.Ok)
        }
    }

    @After
    fun end() {
        service?.destroy()
        runBlocking { repository.close() }
        office.close()
    }

    private fun serve() {
        service = Robolectric.buildService(DayService::class.java).create().startCommand(0, 1)
    }

    private val isOver get() = service?.get()?.let { shadowOf(it).isStoppedBySelf && shadowOf(it).isForegroundStopped } ?: false

    private fun until(
        what: String,
        done: () -> Boolean,
    ) {
        val end = System.nanoTime() + PATIENCE_MS * 1_000_000
        while (!done()) {
            check(System.nanoTime() < end) { "never: $what" }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(20)
        }
    }

    private fun said(key: String) = notice?.extras?.getCharSequence(key)?.toString()

    private fun says(
        title: String,
        text: String,
    ) = until("$title, $text") { said(Notification.EXTRA_TITLE) == title && said(Notification.EXTRA_TEXT) == text }

    private fun stops() = runBlocking { checkNotNull(repository.route.first { it != null }).stops }

    private fun submit(command: Command) = runBlocking { repository.submit(command) }

    @Test
    fun `the notice says which stop is next, how many are left and what waits, and nothing else`() {
        serve()
        says("Next: stop 1", "Left: 2 · Outbox: 1 waiting")
        runBlocking { repository.sync(SYNC_BUDGET_MS) }
        says("Next: stop 1", "Left: 2 · Outbox empty")
        val told = notice.extras.keySet().joinToString { "${notice.extras.get(it)}" } + notice.tickerText + notice.contentIntent
        val personal = parcels.flatMap { listOf(it.ref, it.barcode, office.digits(it)) } + listOf("Breite", "10178", "Berlin", "Ada")
        for (word in personal) assertFalse("$word in $told", word in told)
        assertTrue("it can be swiped away unseen", notice.flags and Notification.FLAG_ONGOING_EVENT != 0)
        assertTrue("it sounds again with every stop", notice.flags and Notification.FLAG_ONLY_ALERT_ONCE != 0)
    }

    @Test
    fun `it speaks the courier's language, its channel too`() {
        application.preferences.write(Language.NAME, Language.German.name)
        serve()
        says("Nächster: Stopp 1", "Noch 2 · Ausgang: 1 warten")
        assertEquals("Während ein Tag läuft", notices.getNotificationChannel(DayNotice.CHANNEL).name)
        assertEquals(NotificationManager.IMPORTANCE_LOW, notices.getNotificationChannel(DayNotice.CHANNEL).importance)
    }

    @Test
    fun `while it runs the core stays open behind a dark screen, and afterwards it does not`() {
        serve()
        says("Next: stop 1", "Left: 2 · Outbox: 1 waiting")
        runBlocking { repository.pause(0) }
        val stop = stops().first()
        assertTrue("an arrival behind a dark screen", submit(Command.Arrive(stop.id)) is Answer.Ok)
        service?.destroy()
        service = null
        until("the core is closed") { (submit(Command.StartDay) as? Answer.No)?.error is CourierException.Closed }
    }

    @Test
    fun `the end of the day ends it`() {
        serve()
        says("Next: stop 1", "Left: 2 · Outbox: 1 waiting")
        assertTrue(submit(Command.CloseDay) is Answer.Ok)
        until("it ends") { isOver }
    }

    @Test
    fun `a courier who leaves the phone ends it`() {
        serve()
        says("Next: stop 1", "Left: 2 · Outbox: 1 waiting")
        runBlocking {
            repository.sync(SYNC_BUDGET_MS)
            check(repository.logOut() is Answer.Ok)
        }
        until("it ends") { isOver }
    }

    @Test
    fun `without leave to see the place it does not run`() {
        shadowOf(application).denyPermissions(ACCESS_FINE_LOCATION)
        application.fixes.lookAgain()
        serve()
        until("it ends") { isOver }
    }

    @Test
    fun `notices that are refused change nothing else`() {
        shadowOf(application).denyPermissions(POST_NOTIFICATIONS)
        shadowOf(notices).setNotificationsEnabled(false)
        serve()
        until("it is in the foreground") { shadowOf(service?.get()).lastForegroundNotification != null }
        runBlocking { repository.pause(0) }
        assertTrue(submit(Command.Arrive(stops().first().id)) is Answer.Ok)
        assertFalse(isOver)
    }

    @Test
    fun `Android knows what it is for, and nobody else can start it`() {
        val name = ComponentName(application, DayService::class.java)
        val info = application.packageManager.getServiceInfo(name, PackageManager.ComponentInfoFlags.of(0))
        assertNotNull(info)
        assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION, info.foregroundServiceType)
        assertFalse(info.exported)
    }
}
