package org.courier.app

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import java.io.File
import java.io.FileNotFoundException

/**
 * The one file that a camera app may write, with a permission for one intent. It is in the app's cache until the core has
 * its own copy, a moment later; no other app reads it.
 */
class CameraFile : ContentProvider() {
    override fun onCreate() = true

    override fun openFile(
        uri: Uri,
        mode: String,
    ): ParcelFileDescriptor {
        val context = context
        if (context == null || uri != URI || !mode.startsWith("w")) throw FileNotFoundException()
        return ParcelFileDescriptor.open(of(context), ParcelFileDescriptor.parseMode("wt"))
    }

    override fun getType(uri: Uri) = "image/jpeg"

    override fun query(
        uri: Uri,
        projection: Array<String>?,
        selection: String?,
        arguments: Array<String>?,
        order: String?,
    ): Cursor? = null

    override fun insert(
        uri: Uri,
        values: ContentValues?,
    ): Uri? = null

    override fun delete(
        uri: Uri,
        selection: String?,
        arguments: Array<String>?,
    ) = 0

    override fun update(
        uri: Uri,
        values: ContentValues?,
        selection: String?,
        arguments: Array<String>?,
    ) = 0

    companion object {
        val URI: Uri = Uri.parse("content://org.courier.app.camera/photo.jpg")

        /** Where it is. */
        fun of(context: Context) = File(context.cacheDir, "camera.jpg")
    }
}
