package org.courier.core

import java.io.File
import java.math.BigInteger
import java.security.KeyFactory
import java.security.KeyPair
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
    private val store: FolderStore,
) : DeviceKey {
    /** Read or made when it is asked for first, as a phone's: a JVM takes longer to find its provider than a phone to open. */
    private val pair: KeyPair by lazy {
        if (store.get(PRIVATE) == null) {
            val made =
                KeyPairGenerator
                    .getInstance("EC")
                    .apply { initialize(ECGenParameterSpec("secp256r1")) }
                    .generateKeyPair()
            store.put(PUBLIC, made.public.encoded)
            store.put(PRIVATE, made.private.encoded)
        }
        val factory = KeyFactory.getInstance("EC")
        KeyPair(
            factory.generatePublic(X509EncodedKeySpec(store.get(PUBLIC))),
            factory.generatePrivate(PKCS8EncodedKeySpec(store.get(PRIVATE))),
        )
    }

    override fun publicKey(): ByteArray {
        val point = (pair.public as ECPublicKey).w
        return byteArrayOf(4) + half(point.affineX) + half(point.affineY)
    }

    override fun sign(message: ByteArray): ByteArray =
        Signature.getInstance("SHA256withECDSA").run {
            initSign(pair.private)
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
