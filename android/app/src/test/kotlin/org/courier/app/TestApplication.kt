package org.courier.app

import org.courier.core.Clock
import org.courier.core.Ports
import org.courier.data.MORNING_MS

/** The real application on the day of the tests. It exchanges only when it is asked, so that tests decide where a cellar is. */
class TestApplication : CourierApplication() {
    override fun onCreate() {
        FakeAndroidKeyStore.install()
        super.onCreate()
    }

    override fun ports(): Ports {
        val real = super.ports()
        val morning =
            object : Clock by real.clock {
                private val begun = real.clock.bootMs()

                override fun wallMs() = MORNING_MS + 4_000 + (real.clock.bootMs() - begun).toLong()
            }
        return real.copy(clock = morning)
    }

    override val autoSync get() = false
}
