package org.courier.app

import android.content.Context
import android.net.Uri
import java.io.File

/**
 * What a courier who left this phone could not send, sealed for the office. It is kept until the next one is written: whoever
 * lost what was handed out finds it in the app's own folder.
 */
class ExportFile : OneFile(URI, "application/json", may = "r") {
    override fun file() = context?.let(::of)?.takeIf { it.exists() }

    companion object {
        val URI: Uri = Uri.parse("content://org.courier.app.export/courier-export.json")

        /** Where it is. A computer sees this folder when the phone is connected to it. */
        fun of(context: Context) = File(context.getExternalFilesDir(null) ?: context.filesDir, "courier-export.json")
    }
}
