package org.courier.core

import java.io.File
import java.math.BigInteger
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.X509EncodedKeySpec

/** A clock that stands still until it is set. */
class HandClock : Clock {
    private var wall = 0L
    private var sinceBoot = 0uL
    private var boot = ""

    @Synchronized
    fun set(
        wallMs: Long,
        bootMs: ULong,
        bootId: String,
    ) {
        wall = wallMs
        sinceBoot = bootMs
        boot = bootId
    }

    @Synchronized override fun wallMs() = wall

    @Synchronized override fun bootMs() = sinceBoot

    @Synchronized override fun bootId() = boot
}

/** Secrets as files. */
class FolderStore(
    private val folder: File,
) : SecureStore {
    init {
        folder.mkdirs()
    }

    override fun get(name: String): ByteArray? = File(folder, name).takeIf { it.exists() }?.readBytes()

    override fun put(
        name: String,
        secret: ByteArray,
    ) = File(folder, name).writeBytes(secret)

    override fun delete(name: String) {
        File(folder, name).delete()
    }
}

/** A P-256 key of the JVM's own provider: it signs in DER, as Android Keystore does. */
class JcaKey(
    store: FolderStore,
) : DeviceKey {
    private val private: java.security.PrivateKey
    private val public: ECPublicKey

    init {
        if (store.get(PRIVATE) == null) {
            val pair =
                KeyPairGenerator
                    .getInstance("EC")
                    .apply { initialize(ECGenParameterSpec("secp256r1")) }
                    .generateKeyPair()
            store.put(PUBLIC, pair.public.encoded)
            store.put(PRIVATE, pair.private.encoded)
        }
        val factory = KeyFactory.getInstance("EC")
        private = factory.generatePrivate(PKCS8EncodedKeySpec(store.get(PRIVATE)))
        public = factory.generatePublic(X509EncodedKeySpec(store.get(PUBLIC))) as ECPublicKey
    }

    override fun publicKey() = byteArrayOf(4) + half(public.w.affineX) + half(public.w.affineY)

    override fun sign(message: ByteArray): ByteArray =
        Signature.getInstance("SHA256withECDSA").run {
            initSign(private)
            update(message)
            sign()
        }

    override fun level() = KeyLevel.SOFTWARE

    /** 32 bytes: BigInteger drops leading zeros, and adds one for the sign. */
    private fun half(number: BigInteger): ByteArray {
        val bytes = number.toByteArray()
        return ByteArray(32).also { half ->
            val length = minOf(bytes.size, half.size)
            bytes.copyInto(half, half.size - length, bytes.size - length)
        }
    }

    private companion object {
        const val PRIVATE = "jca-private"
        const val PUBLIC = "jca-public"
    }
}

/** Events in a file, where a scenario looks for secrets too. */
class FileLog(
    private val file: File,
) : Log {
    override fun event(
        level: Level,
        code: String,
        ids: List<String>,
    ) = file.appendText("$level $code ${ids.joinToString(" ")}\n")
}
