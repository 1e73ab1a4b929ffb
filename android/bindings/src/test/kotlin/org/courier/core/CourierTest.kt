package org.courier.core

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNull

class CourierTest {
    @TempDir lateinit var dir: File

    private val opened = mutableListOf<Courier>()

    private fun courier(
        server: String = "http://127.0.0.1:9",
        key: (FolderStore) -> DeviceKey = ::JcaKey,
    ): Courier {
        val store = FolderStore(File(dir, "secrets"))
        val clock = HandClock().apply { set(1_795_503_600_000, 1_000uL, "boot") }
        val config =
            Config(dataDir = "$dir/data", server = server, platform = "jvm", app = "test", autoSync = false)
        return Courier(config, Ports(clock, key(store), store, FileLog(File(dir, "log.txt")))).also { opened += it }
    }

    @AfterEach
    fun shutdown() =
        opened.forEach {
            it.shutdown()
            it.close()
        }

    @Test
    fun `every call before open and after shutdown answers Closed`() {
        val courier = courier()
        runBlocking {
            assertFailsWith<CourierException.Closed> { courier.route() }
            courier.open()
            assertNull(courier.route())
            courier.shutdown()
            assertFailsWith<CourierException.Closed> { courier.route() }
            courier.open()
            assertNull(courier.route())
        }
    }

    @Test
    fun `several opens at once make one phone`() {
        val courier = courier()
        runBlocking {
            List(8) { async { courier.open() } }.awaitAll()
            assertEquals(1u, courier.diagnostics().inc)
        }
    }

    @Test
    fun `a refusal arrives with its reason`() {
        val courier = courier()
        runBlocking {
            courier.open()
            val refused = assertFailsWith<CourierException.Rejected> { courier.submit(Command.StartDay) }
            assertIs<Rejection.NoRoute>(refused.reason)
        }
    }

    @Test
    fun `bad input is named`() {
        runBlocking {
            val wrong = assertFailsWith<CourierException.InvalidInput> { courier("ftp://example").open() }
            assertEquals(InputProblem.SERVER_URL, wrong.what)
            val courier = courier().also { it.open() }
            val code = assertFailsWith<CourierException.InvalidInput> { courier.enrol("no code") }
            assertEquals(InputProblem.ENROLMENT_CODE, code.what)
            assertFailsWith<CourierException.NotFound> { courier.stop("no such stop") }
            assertFailsWith<CourierException.NotFound> { courier.stop("../x\u0000") }
            assertFailsWith<CourierException.Offline> { courier.enrol("ABCDEFGHIJ") }
        }
    }

    @Test
    fun `a key that never answers is unavailable and does not hold up the phone`() {
        val hanging = { _: FolderStore ->
            object : DeviceKey {
                override fun publicKey() = Thread.sleep(60_000).let { byteArrayOf() }

                override fun sign(message: ByteArray) = Thread.sleep(60_000).let { byteArrayOf() }

                override fun level() = KeyLevel.HARDWARE
            }
        }
        runBlocking {
            val courier = courier(key = hanging)
            courier.open()
            assertFailsWith<CourierException.KeyUnavailable> { courier.enrol("ABCDEFGHIJ") }
            assertEquals(KeyLevel.HARDWARE, courier.diagnostics().key)
        }
    }

    @Test
    fun `what a port throws becomes an error and its text goes nowhere`() {
        val broken = { _: FolderStore ->
            object : DeviceKey {
                override fun publicKey() = throw PortException.Unavailable()

                override fun sign(message: ByteArray) = error("Anna Canary, 123456")

                override fun level() = KeyLevel.HARDWARE
            }
        }
        runBlocking {
            val courier = courier(key = broken)
            courier.open()
            assertFailsWith<CourierException.KeyUnavailable> { courier.enrol("ABCDEFGHIJ") }
        }
        val written = dir.walk().filter { it.isFile }.joinToString { it.readText(Charsets.ISO_8859_1) }
        assertEquals(false, "Canary" in written)
    }
}
