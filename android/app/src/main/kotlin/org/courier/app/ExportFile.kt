package org.courier.app

import android.content.Context
import android.net.Uri
import java.io.File

/**
 * What couriers who left this phone could not send, sealed for the office. Each has a name of its own, so that none is written
 * over that the office does not have yet; they stay until the courier says that it has them.
 */
class ExportFile : OneFile("application/json", may = "r") {
    override fun file(uri: Uri) = context?.let(::all)?.firstOrNull { uriOf(it) == uri }

    companion object {
        private const val NAME = "courier-export-"

        /** What another app may be asked to read [file] by. */
        fun uriOf(file: File): Uri = Uri.parse("content://org.courier.app.export/${file.name}")

        /** Where the next one goes. A computer sees this folder when the phone is connected to it. */
        fun next(context: Context) = File(folder(context), "$NAME${number(newest(context)) + 1}.json")

        /** The last one, if there is any. */
        fun newest(context: Context): File? = all(context).maxByOrNull(::number)

        private fun all(context: Context) = folder(context).listFiles { file -> file.name.startsWith(NAME) }.orEmpty().toList()

        private fun number(file: File?) = file?.nameWithoutExtension?.removePrefix(NAME)?.toIntOrNull() ?: 0

        private fun folder(context: Context) = context.getExternalFilesDir(null) ?: context.filesDir
    }
}
