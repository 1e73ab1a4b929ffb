package org.courier.data

import com.sun.jna.Native
import org.courier.core.Clock

/**
 * A [clock] that keeps a thread of the core attached to the virtual machine once it has asked for the time. JNA attaches such a
 * thread for every call out of the core and detaches it afterwards, which takes longer than most of these calls do
 * (docs/performance.md). A thread that ends is detached by JNA; until the core is closed, a plain JVM does not end by itself.
 */
class AttachedClock(
    private val clock: Clock,
) : Clock by clock {
    override fun wallMs(): Long {
        Native.detach(false)
        return clock.wallMs()
    }
}
