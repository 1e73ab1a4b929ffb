package org.courier.app

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import org.courier.core.SecureStore
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * Secrets as files, each sealed (AES-256-GCM, the nonce before the text) with a key that never leaves Android's key store.
 * A file belongs to its name: put in another's place it does not open.
 */
class KeystoreStore(
    private val folder: File,
    private val alias: String = "courier-secrets",
) : SecureStore {
    override fun get(name: String): ByteArray? =
        guarded {
            val file = File(folder, name)
            if (!file.exists()) return@guarded null
            val sealed = file.readBytes()
            if (sealed.size < NONCE) throw IOException("cut short")
            Cipher.getInstance(TRANSFORMATION).run {
                init(Cipher.DECRYPT_MODE, key(), GCMParameterSpec(TAG_BITS, sealed, 0, NONCE))
                updateAAD(name.encodeToByteArray())
                doFinal(sealed, NONCE, sealed.size - NONCE)
            }
        }

    override fun put(
        name: String,
        secret: ByteArray,
    ) = guarded {
        val sealed =
            Cipher.getInstance(TRANSFORMATION).run {
                init(Cipher.ENCRYPT_MODE, key())
                updateAAD(name.encodeToByteArray())
                iv + doFinal(secret)
            }
        synchronized(LOCK) { write(File(folder, name), sealed) }
    }

    override fun delete(name: String) =
        guarded {
            val file = File(folder, name)
            if (file.exists() && !file.delete()) throw IOException("not deleted")
        }

    /** The old one or the new one is there, whenever the power fails. */
    private fun write(
        file: File,
        bytes: ByteArray,
    ) {
        folder.mkdirs()
        // Names have no dot: this is nobody's.
        val fresh = File(folder, "${file.name}.new")
        FileOutputStream(fresh).use {
            it.write(bytes)
            it.fd.sync()
        }
        if (!fresh.renameTo(file)) throw IOException("not renamed")
    }

    private fun key(): SecretKey =
        synchronized(LOCK) {
            androidKeystore().getKey(alias, null) as? SecretKey
                ?: KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, ANDROID_KEYSTORE).run {
                    init(
                        KeyGenParameterSpec
                            .Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                            .setKeySize(KEY_BITS)
                            .build(),
                    )
                    generateKey()
                }
        }

    private companion object {
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val NONCE = 12
        const val TAG_BITS = 128
        const val KEY_BITS = 256
        val LOCK = Any()
    }
}
