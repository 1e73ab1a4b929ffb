package org.courier.app

import android.app.Application
import android.content.Context
import androidx.test.platform.app.InstrumentationRegistry
import androidx.test.runner.AndroidJUnitRunner
import org.courier.core.Clock
import org.courier.core.Ports
import org.courier.data.MORNING_MS
import org.courier.data.Office
import java.io.File

/** Starts the application of the tests. */
class DeviceRunner : AndroidJUnitRunner() {
    override fun newApplication(
        loader: ClassLoader,
        name: String,
        context: Context,
    ): Application = super.newApplication(loader, DeviceApplication::class.java.name, context)
}

/** The real application with the phone's own ports, on the day of the tests; it exchanges only when it is asked. */
class DeviceApplication : CourierApplication() {
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

/** The backend lies among the app's libraries: only there may an app run a program of its own. */
internal val backend: File
    get() = File(InstrumentationRegistry.getInstrumentation().targetContext.applicationInfo.nativeLibraryDir, "libscenario_backend.so")

internal fun office() = Office(backend)
