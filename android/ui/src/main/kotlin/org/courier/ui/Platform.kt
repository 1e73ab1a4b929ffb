package org.courier.ui

import org.courier.core.PhoneNumber
import org.courier.core.Pin
import java.io.File

/** What the screens need of the phone. Nothing here waits. */
interface Platform {
    /** Opens a scanner; what it reads comes as [AppState.scanned]. False: this phone has none. */
    fun scan(): Boolean

    /**
     * Opens a camera, which may end the process; the file that it writes comes as [AppState.photographed]. False: this phone
     * has none.
     */
    fun photograph(): Boolean

    /** Opens a map app at [pin]. False: this phone has none. */
    fun navigate(
        pin: Pin,
        label: String,
    ): Boolean

    /** Opens a dialler with [number], which the courier may dial. False: this phone has none. */
    fun call(number: PhoneNumber): Boolean

    /** Hands a text without anything personal to whatever the courier chooses. */
    fun share(text: String)

    /** A new file for what the office is to get by hand. */
    fun exportFile(): File

    /** The newest of these files that is still there. */
    fun exported(): File?

    /** Hands a file of [exportFile] to whatever the courier chooses. */
    fun hand(export: File)

    /** Tells the courier's hand and ear whether it worked. */
    fun feel(worked: Boolean)
}
