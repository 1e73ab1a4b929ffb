package org.courier.data

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.job
import kotlinx.coroutines.runBlocking
import org.courier.core.Config
import org.courier.core.Courier
import org.courier.core.FileLog
import org.courier.core.FolderStore
import org.courier.core.HandClock
import org.courier.core.JcaKey
import org.courier.core.Ports
import java.io.File
import java.util.concurrent.atomic.AtomicInteger

/** A phone on this machine: the real core with ports of the plain JVM. A second one in the same folder is the app again. */
class TestPhone(
    private val folder: File,
    private val autoSync: Boolean = false,
) : AutoCloseable {
    val clock = HandClock().apply { set(MORNING_MS + 4_000, 1_000_000uL, "boot-1") }
    val preferences = FilePreferences(File(folder, "preferences"))
    val requests = AtomicInteger()
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val background =
        object : BackgroundSync {
            override fun request() {
                requests.incrementAndGet()
            }
        }
    val repository = CourierRepository(scope, preferences, background, ::connect)

    /** Where the core was made last. */
    @Volatile var madeOn: Thread? = null
        private set

    private fun connect(server: String): Courier {
        madeOn = Thread.currentThread()
        val store = FolderStore(File(folder, "secrets"))
        val config = Config(File(folder, "data").path, server, platform = "jvm", app = "test", autoSync = autoSync)
        val ports = Ports(AttachedClock(clock), JcaKey(store), store, FileLog(File(folder, "log.txt")))
        // Nothing on a screen depends on chance.
        return Courier.ofScenario(config, ports, 1u)
    }

    /** Everything that it has written. */
    fun written() = folder.walk().filter { it.isFile }.map { it.readText(Charsets.ISO_8859_1) }

    /** The app ends. */
    override fun close() =
        runBlocking {
            scope.coroutineContext.job.cancelAndJoin()
            repository.close()
        }
}

/** Settings as files. */
class FilePreferences(
    private val folder: File,
) : Preferences {
    override fun read(name: String) = File(folder, name).takeIf { it.exists() }?.readText()

    override fun write(
        name: String,
        value: String,
    ) {
        folder.mkdirs()
        File(folder, name).writeText(value)
    }
}
