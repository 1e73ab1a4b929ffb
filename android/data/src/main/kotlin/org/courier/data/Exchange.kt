package org.courier.data

import org.courier.core.SyncReport

/** Whether nothing of the day is on this phone alone any more. */
val SyncReport.isEnough get() = pending == 0uL && files == 0uL && !offline && error == null
