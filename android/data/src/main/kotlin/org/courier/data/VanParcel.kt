package org.courier.data

import org.courier.core.Outcome
import org.courier.core.ParcelId
import org.courier.core.StopView

/** A parcel of the route, for the checks of the van. */
data class VanParcel(
    /** Number of its stop. */
    val stop: UInt,
    /** The name on its label. */
    val recipient: String,
    /** What is printed on it. */
    val barcode: String,
    val id: ParcelId,
    /** What happened to it. */
    val outcome: Outcome?,
)

/** The parcels of a stop that the office did not take away. */
internal fun StopView.parcels(): List<VanParcel> =
    doors.filter { it.gone == null }.flatMap { door ->
        door.parcels.map { VanParcel(no, door.recipientName, it.barcode, it.id, it.outcome) }
    }
