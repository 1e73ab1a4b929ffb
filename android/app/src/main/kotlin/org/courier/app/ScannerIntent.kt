package org.courier.app

import android.content.Intent

/**
 * What a hardware scanner read, if it is set up to send [SCAN] to this app: Zebra's DataWedge, Honeywell's data intent,
 * Datalogic's intent wedge. Any app can send that; a scan is input like what is typed, and the core judges it.
 */
object ScannerIntent {
    const val SCAN = "org.courier.app.SCAN"

    /** Where each of them puts the text. */
    val EXTRAS = listOf("com.symbol.datawedge.data_string", "data", "com.datalogic.decode.intentwedge.barcode_string")

    /** A label or a QR is shorter. */
    private const val LONGEST = 1_024

    fun textOf(intent: Intent?): String? {
        if (intent?.action != SCAN) return null
        return EXTRAS.firstNotNullOfOrNull { intent.getStringExtra(it) }?.trim()?.takeIf { it.length in 1..LONGEST }
    }
}
