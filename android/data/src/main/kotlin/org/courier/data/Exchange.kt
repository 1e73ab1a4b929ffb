package org.courier.data

import org.courier.core.SyncReport

/** What an exchange with the server brought. */
data class Exchange(
    val report: SyncReport,
    /** Photos and signatures that still wait here. */
    val files: ULong,
) {
    /** Whether nothing of the day is on this phone alone any more. */
    val isEnough get() = report.pending == 0uL && files == 0uL && !report.offline && report.error == null
}
