package org.courier.ui

import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollToNode
import androidx.compose.ui.test.performTouchInput
import org.courier.data.Parcel

/** From the day to the door of a parcel, which is scanned there. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.toTheDoor(
    world: World,
    parcel: Parcel,
) {
    tap("today", "stop-1")
    tap("stop", "arrive")
    await("arrived")
    tap("stop", "door-${parcel.ref}")
    scan(world, parcel)
}

@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.scan(
    world: World,
    parcel: Parcel,
) {
    find("door", "barcode")
    type("barcode", parcel.barcode)
    tap("door", "take-barcode")
    awaitMessage(world, "Scanned")
}

/** Types a code on the pad and confirms it. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.enter(digits: String) {
    find("door", "key-1")
    for (digit in digits) {
        onNodeWithTag("door").performScrollToNode(hasTestTag("key-$digit"))
        onNodeWithTag("key-$digit").performClick()
    }
    tap("door", "ok")
}

/** A finger signs. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.draw() =
    onNodeWithTag("signature").performTouchInput {
        down(Offset(20f, 40f))
        moveTo(Offset(90f, 80f))
        moveTo(Offset(160f, 20f))
        up()
    }
