package org.courier.data

import org.courier.core.Clock
import org.courier.core.DeviceKey
import org.courier.core.SecureStore
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** What the core relies on in a [Clock], whoever wrote it. */
abstract class ClockSuite {
    /** The clock of this device. */
    abstract fun clock(): Clock

    @Test
    fun `the time since the start never goes back`() {
        val clock = clock()
        var before = clock.bootMs()
        repeat(1_000) {
            val now = clock.bootMs()
            assertTrue(now >= before, "$now after $before")
            before = now
        }
    }

    @Test
    fun `one start of the device has one name, for every clock`() {
        val name = clock().bootId()
        assertTrue(name.isNotBlank())
        assertEquals(name, clock().bootId())
    }

    @Test
    fun `the wall clock tells milliseconds since 1970`() {
        val now = clock().wallMs()
        assertTrue(now in 1_577_836_800_000..4_102_444_800_000, "$now is not between 2020 and 2100")
    }
}

/** What the core relies on in a [DeviceKey], whoever wrote it. */
abstract class DeviceKeySuite {
    /** The key of the installation, as after every start of the app. */
    abstract fun key(): DeviceKey

    /** The key of another installation. */
    abstract fun otherKey(): DeviceKey

    @Test
    fun `the public key is an uncompressed point of P-256`() {
        val point = key().publicKey()
        assertEquals(65, point.size)
        assertEquals(4, point[0])
        val (x, y) = coordinates(point)
        val curve = p256().curve
        val p = (curve.field as java.security.spec.ECFieldFp).p
        assertEquals((x.pow(3) + curve.a * x + curve.b).mod(p), y.pow(2).mod(p), "not on the curve")
    }

    @Test
    fun `the key stays the same when the app begins again, and is another one elsewhere`() {
        assertContentEquals(key().publicKey(), key().publicKey())
        assertNotEquals(key().publicKey().toList(), otherKey().publicKey().toList())
    }

    @Test
    fun `signatures verify, whatever is signed, and only for what was signed`() {
        val key = key()
        for (message in listOf(ByteArray(0), "a fact".encodeToByteArray(), ByteArray(300_000) { it.toByte() })) {
            assertTrue(verifies(key.publicKey(), message, key.sign(message)), "${message.size} bytes")
        }
        val signature = key.sign("a fact".encodeToByteArray())
        assertFalse(verifies(key.publicKey(), "another".encodeToByteArray(), signature))
        assertFalse(verifies(otherKey().publicKey(), "a fact".encodeToByteArray(), signature))
        assertTrue(verifies(key().publicKey(), "a fact".encodeToByteArray(), signature))
    }

    @Test
    fun `many threads may sign at once`() {
        val key = key()
        val point = key.publicKey()
        val signed = List(32) { "fact $it".encodeToByteArray() }.map { message -> Callable { message to key.sign(message) } }
        inThreads(signed).forEach { (message, signature) -> assertTrue(verifies(point, message, signature)) }
    }

    @Test
    fun `it says how it is kept, always the same`() = assertEquals(key().level(), key().level())

    private fun verifies(
        point: ByteArray,
        message: ByteArray,
        signature: ByteArray,
    ): Boolean {
        val (x, y) = coordinates(point)
        val public = KeyFactory.getInstance("EC").generatePublic(ECPublicKeySpec(ECPoint(x, y), p256()))
        // DER of two such numbers has about 70 bytes.
        val der = signature.size != 64
        return Signature.getInstance(if (der) "SHA256withECDSA" else "SHA256withECDSAinP1363Format").run {
            initVerify(public)
            update(message)
            verify(signature)
        }
    }

    private fun coordinates(point: ByteArray) =
        BigInteger(1, point.copyOfRange(1, 33)) to BigInteger(1, point.copyOfRange(33, 65))

    private fun p256(): ECParameterSpec =
        AlgorithmParameters.getInstance("EC").run {
            init(ECGenParameterSpec("secp256r1"))
            getParameterSpec(ECParameterSpec::class.java)
        }
}

/** What the core relies on in a [SecureStore], whoever wrote it. */
abstract class SecureStoreSuite {
    /** The store of the installation, as after every start of the app. */
    abstract fun store(): SecureStore

    @Test
    fun `there is nothing under a name that was never used`() = assertNull(store().get("never"))

    @Test
    fun `a secret is there when the app begins again`() {
        store().put("journal-key", byteArrayOf(1, 2, 3))
        assertContentEquals(byteArrayOf(1, 2, 3), store().get("journal-key"))
    }

    @Test
    fun `a secret may be empty, long, and hold every byte`() {
        val store = store()
        for (secret in listOf(ByteArray(0), ByteArray(256) { it.toByte() }, ByteArray(8_192) { 0x41 })) {
            store.put("secret", secret)
            assertContentEquals(secret, store.get("secret"))
        }
    }

    @Test
    fun `the newest secret of a name counts, and names are told apart`() {
        val store = store()
        store.put("a", byteArrayOf(1))
        store.put("a-1", byteArrayOf(2))
        store.put("a", byteArrayOf(3))
        assertContentEquals(byteArrayOf(3), store.get("a"))
        assertContentEquals(byteArrayOf(2), store.get("a-1"))
    }

    @Test
    fun `a destroyed secret is gone, and destroying nothing is no error`() {
        val store = store()
        store.put("old", byteArrayOf(1))
        store.delete("old")
        assertNull(store.get("old"))
        store.delete("old")
        store.delete("never")
    }

    @Test
    fun `many threads may use it at once`() {
        val store = store()
        val puts =
            List(32) { number ->
                Callable {
                    store.put("secret-$number", byteArrayOf(number.toByte()))
                    store.get("secret-$number")
                }
            }
        inThreads(puts).forEachIndexed { number, secret -> assertContentEquals(byteArrayOf(number.toByte()), secret) }
    }
}

private fun <T> inThreads(calls: List<Callable<T>>): List<T> {
    val threads = Executors.newFixedThreadPool(8)
    return try {
        threads.invokeAll(calls).map { it.get() }
    } finally {
        threads.shutdown()
    }
}
