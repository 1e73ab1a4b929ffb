package org.courier.app

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import java.io.File
import java.io.FileNotFoundException

/** Files that another app gets into its hands, each with a permission for one intent; nothing else can be asked for. */
abstract class OneFile(
    private val type: String,
    /** What the other app may do: `r` or `w`. */
    private val may: String,
) : ContentProvider() {
    /** What is called [uri], if there is such a file. */
    protected abstract fun file(uri: Uri): File?

    override fun onCreate() = true

    override fun openFile(
        uri: Uri,
        mode: String,
    ): ParcelFileDescriptor {
        val file = file(uri)
        if (file == null || !mode.startsWith(may) || (may == "r" && mode != "r")) throw FileNotFoundException()
        return ParcelFileDescriptor.open(file, ParcelFileDescriptor.parseMode(if (may == "w") "wt" else "r"))
    }

    override fun getType(uri: Uri) = type

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
}
