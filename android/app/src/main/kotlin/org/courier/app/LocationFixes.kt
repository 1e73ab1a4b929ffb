package org.courier.app

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Build
import android.os.Looper
import android.os.SystemClock
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import org.courier.core.Position
import org.courier.data.Fix
import org.courier.data.Positions
import kotlin.math.ceil
import kotlin.math.roundToInt

/**
 * Fixes of Android's own location service, without Google's. Collected only while the app is on the screen or [DayService]
 * runs, so that no permission for the background is needed.
 */
class LocationFixes(
    private val context: Context,
) : Positions {
    private val manager = context.getSystemService(LocationManager::class.java)
    private val mutableAllowed = MutableStateFlow(isAllowed())

    /** Whether the courier lets the app see where the phone is. */
    val allowed: StateFlow<Boolean> = mutableAllowed.asStateFlow()

    private fun isAllowed() = context.checkSelfPermission(ACCESS_FINE_LOCATION) == PERMISSION_GRANTED

    /** The courier has perhaps allowed it, or does not allow it any more. */
    fun lookAgain() {
        mutableAllowed.value = isAllowed()
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    override val fixes: Flow<Fix> = allowed.flatMapLatest { if (it) located() else emptyFlow() }

    @SuppressLint("MissingPermission") // looked at in `allowed`; taken away meanwhile, Android ends the process
    private fun located() =
        callbackFlow {
            val listener =
                object : LocationListener {
                    override fun onLocationChanged(location: Location) {
                        trySend(location.fix())
                    }

                    // Abstract below API 30, and called there.
                    override fun onProviderEnabled(provider: String) = Unit

                    override fun onProviderDisabled(provider: String) = Unit

                    @Deprecated("called below API 29")
                    override fun onStatusChanged(
                        provider: String?,
                        status: Int,
                        extras: android.os.Bundle?,
                    ) = Unit
                }
            val there = manager?.allProviders.orEmpty()
            PROVIDERS.firstOrNull { it in there }?.let {
                manager?.requestLocationUpdates(it, EVERY_MS, 0f, listener, Looper.getMainLooper())
            }
            awaitClose { manager?.removeUpdates(listener) }
        }.conflate()

    companion object {
        private const val EVERY_MS = 1_000L
        private const val FUSED = "fused" // LocationManager.FUSED_PROVIDER, since API 31

        /** The best that the phone has. */
        private val PROVIDERS =
            listOfNotNull(FUSED.takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.S }, LocationManager.GPS_PROVIDER)

        /** Metres that stand for an accuracy that the phone does not tell: nothing is concluded from such a fix. */
        private const val UNKNOWN_M = 10_000f

        internal fun Location.fix() =
            Fix(
                Position(
                    latE6 = (latitude * 1e6).roundToInt(),
                    lonE6 = (longitude * 1e6).roundToInt(),
                    accuracyM = ceil(if (hasAccuracy()) accuracy else UNKNOWN_M).toUInt(),
                    ageMs = ((SystemClock.elapsedRealtimeNanos() - elapsedRealtimeNanos) / 1_000_000).coerceAtLeast(0).toULong(),
                ),
                if (hasSpeed()) (speed * 10).roundToInt().coerceAtLeast(0).toUInt() else null,
            )
    }
}
