package org.courier.app

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.content.Context
import android.location.Location
import android.location.LocationManager
import android.os.Looper
import android.os.SystemClock
import androidx.test.core.app.ApplicationProvider
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.courier.core.Position
import org.courier.data.Fix
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The phone's position, out of Android's location service as Robolectric plays it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = TestApplication::class)
class LocationFixesTest {
    private val application get() = ApplicationProvider.getApplicationContext<TestApplication>()
    private val service get() = application.getSystemService(Context.LOCATION_SERVICE) as LocationManager
    private val scope = CoroutineScope(Dispatchers.Unconfined)
    private val seen = mutableListOf<Fix>()
    private val fixes by lazy { LocationFixes(application) }

    @Before
    fun hasReceiver() = shadowOf(service).setProviderEnabled(LocationManager.GPS_PROVIDER, true)

    @After
    fun end() = scope.cancel()

    private fun collect() = scope.launch { fixes.fixes.collect { seen += it } }

    private fun listeners() = LISTENED.sumOf { shadowOf(service).getLocationUpdateListeners(it).size }

    private fun found(change: Location.() -> Unit) {
        val location =
            Location(LocationManager.GPS_PROVIDER).apply {
                latitude = 52.5200066
                longitude = -13.404954
                elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos()
                time = 1
                change()
            }
        LISTENED.forEach { provider ->
            shadowOf(service).simulateLocation(provider, Location(location).apply { this.provider = provider })
        }
        shadowOf(Looper.getMainLooper()).idle()
    }

    @Test
    fun `nothing is asked for until the courier allows it`() {
        collect()
        assertEquals(0, listeners())
        shadowOf(application).grantPermissions(ACCESS_FINE_LOCATION)
        fixes.lookAgain()
        assertTrue(listeners() > 0)
        shadowOf(application).denyPermissions(ACCESS_FINE_LOCATION)
        fixes.lookAgain()
        assertEquals(0, listeners())
    }

    @Test
    fun `a fix is told in the core's units, and nobody listens when nobody wants it`() {
        shadowOf(application).grantPermissions(ACCESS_FINE_LOCATION)
        val collecting = collect()
        found {
            accuracy = 7.2f
            speed = 1.26f
        }
        assertEquals(Position(52_520_007, -13_404_954, accuracyM = 8u, ageMs = 0u), seen.last().position)
        assertEquals(13u, seen.last().speedDmS)
        collecting.cancel()
        assertEquals(0, listeners())
    }

    @Test
    fun `what the receiver does not know is not made up`() {
        shadowOf(application).grantPermissions(ACCESS_FINE_LOCATION)
        collect()
        found {}
        assertEquals(null, seen.last().speedDmS)
        assertTrue("an unknown accuracy is a bad one", seen.last().position.accuracyM >= 1_000u)
    }

    private companion object {
        val LISTENED = listOf(LocationManager.GPS_PROVIDER, "fused")
    }
}
