package org.courier.app

import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.junit4.v2.createAndroidComposeRule
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollToNode
import androidx.compose.ui.test.performTextReplacement
import androidx.test.core.app.ApplicationProvider
import kotlinx.coroutines.runBlocking
import org.courier.data.Parcel
import org.courier.data.SYNC_BUDGET_MS
import org.junit.After
import org.junit.Rule
import org.junit.Test

private const val PATIENCE_MS = 60_000L

/** The real activity on a device, with a backend process beside it. */
class DoorOnDeviceTest {
    @get:Rule
    val rule = createAndroidComposeRule<MainActivity>()

    private val office = office()
    private val kaya = Parcel("Kaya")
    private val application get() = ApplicationProvider.getApplicationContext<DeviceApplication>()

    @After
    fun end() = office.close()

    private fun await(tag: String) =
        rule.waitUntil(PATIENCE_MS) { rule.onAllNodesWithTag(tag).fetchSemanticsNodes().isNotEmpty() }

    private fun tap(
        list: String,
        tag: String,
    ) {
        await(list)
        rule.waitUntil(PATIENCE_MS) {
            runCatching { rule.onNodeWithTag(list).performScrollToNode(hasTestTag(tag)) }.isSuccess
        }
        rule.onNodeWithTag(tag).performClick()
    }

    private fun recreate() = rule.activityRule.scenario.recreate()

    @Test
    fun `a whole door, from the enrolment to confirmed, with the activity begun anew at every step`() {
        office.publish(kaya)
        await("enrol")
        rule.onNodeWithTag("server").performTextReplacement(office.url)
        rule.onNodeWithTag("enrolment-code").performTextReplacement(office.enrolmentCode())
        rule.onNodeWithTag("enrol").performClick()
        tap("today", "exchange")
        tap("today", "start-day")
        recreate()
        tap("today", "stop-1")
        tap("stop", "arrive")
        await("arrived")
        recreate()
        tap("stop", "door-Kaya")
        await("barcode")
        rule.activityRule.scenario.onActivity { it.state.scanned(kaya.barcode) }
        await("key-0")
        recreate()
        office.digits(kaya).forEach { tap("door", "key-$it") }
        tap("door", "ok")
        tap("door", "receiver-Recipient")
        recreate()
        tap("door", "record")
        await("done")
        runBlocking { application.repository.sync(SYNC_BUDGET_MS) }
        rule.waitUntil(PATIENCE_MS) { "\"delivered\"" in office.page(kaya) }
    }
}
