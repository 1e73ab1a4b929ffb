package org.courier.app

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import org.courier.core.DeviceKey
import org.courier.core.KeyLevel
import org.courier.core.PortException
import java.math.BigInteger
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec

/** The installation's P-256 key in Android's key store: in StrongBox where there is one, else as well as the phone can. */
class KeystoreKey(
    context: Context,
    private val alias: String = "courier-device",
) : DeviceKey {
    private val hasStrongBox =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.P &&
            context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)

    override fun publicKey(): ByteArray =
        guarded {
            makeOnce()
            val public = androidKeystore().getCertificate(alias)?.publicKey as? ECPublicKey ?: throw PortException.Failed()
            byteArrayOf(UNCOMPRESSED) + half(public.w.affineX) + half(public.w.affineY)
        }

    override fun sign(message: ByteArray): ByteArray =
        guarded {
            Signature.getInstance("SHA256withECDSA").run {
                initSign(private())
                update(message)
                sign()
            }
        }

    /** Whatever does not say that it is in hardware is in software. */
    override fun level(): KeyLevel =
        guarded {
            val key = private()
            val info =
                try {
                    KeyFactory.getInstance(key.algorithm, ANDROID_KEYSTORE).getKeySpec(key, KeyInfo::class.java)
                } catch (_: GeneralSecurityException) {
                    null
                }
            if (info != null && info.isInHardware()) KeyLevel.HARDWARE else KeyLevel.SOFTWARE
        }

    private fun KeyInfo.isInHardware(): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            securityLevel == KeyProperties.SECURITY_LEVEL_STRONGBOX ||
                securityLevel == KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
        } else {
            @Suppress("DEPRECATION")
            isInsideSecureHardware
        }

    private fun private(): PrivateKey {
        makeOnce()
        return androidKeystore().getKey(alias, null) as? PrivateKey ?: throw PortException.Failed()
    }

    /** Two threads that ask first must not make two keys: the second would replace the first. */
    private fun makeOnce() =
        synchronized(LOCK) {
            if (androidKeystore().containsAlias(alias)) return@synchronized
            try {
                make(hasStrongBox)
            } catch (_: StrongBoxUnavailableException) {
                make(false)
            }
        }

    private fun make(strongBox: Boolean) {
        val spec =
            KeyGenParameterSpec
                .Builder(alias, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256)
        if (strongBox && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) spec.setIsStrongBoxBacked(true)
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, ANDROID_KEYSTORE).run {
            initialize(spec.build())
            generateKeyPair()
        }
    }

    /** 32 bytes: BigInteger drops leading zeros, and adds one for the sign. */
    private fun half(number: BigInteger): ByteArray {
        val bytes = number.toByteArray()
        return ByteArray(HALF).also { half ->
            val length = minOf(bytes.size, HALF)
            bytes.copyInto(half, HALF - length, bytes.size - length)
        }
    }

    private companion object {
        const val UNCOMPRESSED: Byte = 4
        const val HALF = 32
        val LOCK = Any()
    }
}
