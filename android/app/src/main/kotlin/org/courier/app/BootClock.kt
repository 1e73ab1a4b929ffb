package org.courier.app

import android.content.Context
import android.os.SystemClock
import android.provider.Settings
import org.courier.core.Clock
import org.courier.core.PortException

/** The phone's clocks: the one that its owner sets, and the one that counts since it started, sleep included. */
class BootClock(
    context: Context,
) : Clock {
    private val resolver = context.contentResolver

    override fun wallMs() = System.currentTimeMillis()

    override fun bootMs() = SystemClock.elapsedRealtime().toULong()

    /** Android counts its starts since API 24. */
    override fun bootId(): String {
        val count = Settings.Global.getInt(resolver, Settings.Global.BOOT_COUNT, UNKNOWN)
        if (count == UNKNOWN) throw PortException.Unavailable()
        return "boot-$count"
    }

    private companion object {
        const val UNKNOWN = -1
    }
}
