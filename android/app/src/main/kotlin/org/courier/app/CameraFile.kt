package org.courier.app

import android.content.Context
import android.net.Uri
import java.io.File

/** The file that a camera app may write. It is in the app's cache until the core has its own copy, a moment later. */
class CameraFile : OneFile("image/jpeg", may = "w") {
    override fun file(uri: Uri) = context?.takeIf { uri == URI }?.let(::of)

    companion object {
        val URI: Uri = Uri.parse("content://org.courier.app.camera/photo.jpg")

        /** Where it is. */
        fun of(context: Context) = File(context.cacheDir, "camera.jpg")
    }
}
