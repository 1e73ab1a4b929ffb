package org.courier.app

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/** Robolectric has no AndroidKeyStore. This one keeps keys in memory and knows nothing of hardware, like a phone without any. */
class FakeAndroidKeyStore : Provider(ANDROID_KEYSTORE, "1.0", "for tests") {
    init {
        put("KeyStore.$ANDROID_KEYSTORE", Store::class.java.name)
        put("KeyGenerator.AES", Aes::class.java.name)
        put("KeyPairGenerator.EC", Ec::class.java.name)
    }

    class Aes : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(random: SecureRandom?) = Unit

        override fun engineInit(
            size: Int,
            random: SecureRandom?,
        ) = Unit

        override fun engineInit(
            params: AlgorithmParameterSpec?,
            random: SecureRandom?,
        ) {
            spec = params as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey =
            KeyGenerator.getInstance("AES").apply { init(spec.keySize) }.generateKey().also { keys[spec.keystoreAlias] = it }
    }

    class Ec : KeyPairGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun initialize(
            size: Int,
            random: SecureRandom?,
        ) = Unit

        override fun initialize(
            params: AlgorithmParameterSpec?,
            random: SecureRandom?,
        ) {
            spec = params as KeyGenParameterSpec
        }

        override fun generateKeyPair(): KeyPair =
            KeyPairGenerator.getInstance("EC").apply { initialize(spec.algorithmParameterSpec) }.generateKeyPair().also {
                keys[spec.keystoreAlias] = it.private
                publics[spec.keystoreAlias] = it.public
            }
    }

    private class Plain(
        private val key: PublicKey,
    ) : Certificate("plain") {
        override fun getEncoded(): ByteArray = key.encoded

        override fun verify(by: PublicKey?) = Unit

        override fun verify(
            by: PublicKey?,
            provider: String?,
        ) = Unit

        override fun toString() = "plain"

        override fun getPublicKey() = key
    }

    class Store : KeyStoreSpi() {
        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = keys[alias]

        override fun engineGetCertificate(alias: String): Certificate? = publics[alias]?.let(::Plain)

        override fun engineContainsAlias(alias: String) = keys.containsKey(alias)

        override fun engineDeleteEntry(alias: String) {
            keys.remove(alias)
            publics.remove(alias)
        }

        override fun engineAliases() = Collections.enumeration(keys.keys)

        override fun engineSize() = keys.size

        override fun engineIsKeyEntry(alias: String) = keys.containsKey(alias)

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificateAlias(certificate: Certificate?): String? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCreationDate(alias: String) = Date()

        override fun engineSetKeyEntry(
            alias: String,
            key: Key,
            password: CharArray?,
            chain: Array<out Certificate>?,
        ) = throw UnsupportedOperationException()

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray,
            chain: Array<out Certificate>?,
        ) = throw UnsupportedOperationException()

        override fun engineSetCertificateEntry(
            alias: String,
            certificate: Certificate?,
        ) = throw UnsupportedOperationException()
    }

    companion object {
        private val keys = ConcurrentHashMap<String, Key>()
        private val publics = ConcurrentHashMap<String, PublicKey>()

        /** With no key in it. */
        fun install() {
            Security.removeProvider(ANDROID_KEYSTORE)
            keys.clear()
            publics.clear()
            Security.addProvider(FakeAndroidKeyStore())
        }
    }
}
