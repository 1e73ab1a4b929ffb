package org.courier.app

import android.security.keystore.UserNotAuthenticatedException
import org.courier.core.PortException
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException

/** Android's own key store: keys in it never leave it. */
internal const val ANDROID_KEYSTORE = "AndroidKeyStore"

internal fun androidKeystore(): KeyStore = KeyStore.getInstance(ANDROID_KEYSTORE).apply { load(null) }

/** What the key store or the storage throws, as the core understands it. */
internal fun <T> guarded(work: () -> T): T =
    try {
        work()
    } catch (_: UserNotAuthenticatedException) {
        throw PortException.Unavailable()
    } catch (_: ProviderException) {
        // The key store's service does not answer.
        throw PortException.Unavailable()
    } catch (_: GeneralSecurityException) {
        throw PortException.Failed()
    } catch (_: IOException) {
        throw PortException.Failed()
    }
