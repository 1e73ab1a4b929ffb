package org.courier.app

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.ClipData
import android.content.Context
import android.content.Intent
import android.media.AudioManager
import android.media.ToneGenerator
import android.net.Uri
import android.os.VibrationEffect
import android.os.Vibrator
import android.provider.MediaStore
import org.courier.core.PhoneNumber
import org.courier.core.Pin
import org.courier.ui.Platform
import java.io.File

/**
 * What the screens need of Android. The camera is asked for by an intent that ZXing's scanner began and many apps answer:
 * no camera permission, no camera library, and the app may be killed while the camera is open.
 */
class AndroidPlatform(
    private val application: Context,
    private val startScanner: (Intent) -> Unit,
    private val startCamera: (Intent) -> Unit,
) : Platform {
    /** The activity that is there now; another one after every rotation. */
    var activity: Activity? = null

    override fun scan(): Boolean = started { startScanner(Intent(SCAN)) }

    override fun photograph(): Boolean {
        val camera = Intent(MediaStore.ACTION_IMAGE_CAPTURE).putExtra(MediaStore.EXTRA_OUTPUT, CameraFile.URI)
        // Written into by whoever is asked, and by nobody else.
        return started { startCamera(camera.addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION)) }
    }

    override fun navigate(
        pin: Pin,
        label: String,
    ): Boolean = started { activity?.startActivity(Intent(Intent.ACTION_VIEW, Uri.parse(geo(pin, label)))) }

    // Dials nothing: the courier sees the number first, and no permission is needed.
    override fun call(number: PhoneNumber): Boolean =
        started { activity?.startActivity(Intent(Intent.ACTION_DIAL, Uri.parse("tel:$number"))) }

    override fun share(text: String) {
        val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text)
        started { activity?.startActivity(Intent.createChooser(send, null)) }
    }

    override fun exportFile() = ExportFile.next(application)

    override fun exported() = ExportFile.newest(application)

    override fun hand(export: File) {
        val send = Intent(Intent.ACTION_SEND).setType("application/json").putExtra(Intent.EXTRA_STREAM, ExportFile.uriOf(export))
        send.clipData = ClipData.newRawUri(null, ExportFile.uriOf(export)) // the permission goes with it
        started { activity?.startActivity(Intent.createChooser(send.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION), null)) }
    }

    /** Short for what worked, twice for what did not; and a tone that is as loud as the phone's notifications are. */
    override fun feel(worked: Boolean) {
        tones?.startTone(if (worked) ToneGenerator.TONE_PROP_ACK else ToneGenerator.TONE_PROP_NACK, TONE_MS)
        val vibrator = activity?.getSystemService(Vibrator::class.java) ?: return
        val effect =
            if (worked) {
                VibrationEffect.createOneShot(SHORT_MS, VibrationEffect.DEFAULT_AMPLITUDE)
            } else {
                VibrationEffect.createWaveform(longArrayOf(0, SHORT_MS * 3, SHORT_MS * 2, SHORT_MS * 3), -1)
            }
        vibrator.vibrate(effect)
    }

    private fun started(start: () -> Unit) =
        try {
            start()
            true
        } catch (_: ActivityNotFoundException) {
            false
        }

    companion object {
        /** Answered with the text in [RESULT]. */
        const val SCAN = "com.google.zxing.client.android.SCAN"
        const val RESULT = "SCAN_RESULT"
        private const val SHORT_MS = 40L
        private const val TONE_MS = 200

        /** Nothing on a phone that has no sound to spare. */
        private val tones by lazy {
            try {
                ToneGenerator(AudioManager.STREAM_NOTIFICATION, ToneGenerator.MAX_VOLUME)
            } catch (_: RuntimeException) {
                null
            }
        }

        /** RFC 5870, with the label as map apps show it. */
        internal fun geo(
            pin: Pin,
            label: String,
        ) = "geo:${pin.lat},${pin.lon}?q=${pin.lat},${pin.lon}(${Uri.encode(label)})"
    }
}
