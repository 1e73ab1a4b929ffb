package org.courier.core

import kotlinx.coroutines.runBlocking
import java.io.File
import java.util.concurrent.atomic.AtomicLong

/** The phone of a scenario: the generated [Courier] with ports written in Kotlin. */
class KotlinPhone : ScenarioPhone {
    private val clock = HandClock()

    /** A sync may wait while another thread suspends the app. */
    @Volatile private var courier: Courier? = null
    private var subscription: Subscription? = null
    private val changes = AtomicLong()

    /** The newest revision that the core has told by itself. */
    val toldRevision get() = changes.get()

    override fun setClock(
        wallMs: Long,
        bootMs: ULong,
        boot: String,
    ) = clock.set(wallMs, bootMs, boot)

    override fun launch(
        dir: String,
        server: String,
        installation: UByte,
    ) {
        val config =
            Config(dataDir = "$dir/data", server = server, platform = "jvm", app = "scenario", autoSync = false)
        val store = FolderStore(File(dir, "secrets"))
        val ports = Ports(clock, JcaKey(store), store, FileLog(File(dir, "log.txt")))
        courier =
            Courier.ofScenario(config, ports, installation).also {
                runBlocking { it.open() }
                subscription = it.observe(
                    object : Observer {
                        override fun onChange(revision: ULong) = changes.set(revision.toLong())
                    },
                )
            }
    }

    override fun quit() {
        subscription?.close()
        courier?.shutdown()
        courier?.close()
        courier = null
    }

    private fun <T> core(call: suspend Courier.() -> T): T =
        runBlocking { (courier ?: throw CourierException.Closed()).call() }

    override fun enrol(code: String) = core { enrol(code) }

    override fun submit(command: Command) = core { submit(command) }

    override fun requestReissue(attempt: AttemptId) = core { requestReissue(attempt) }

    override fun route() = core { route() }

    override fun stop(id: StopId) = core { stop(id) }

    override fun fix(
        position: Position,
        speedDmS: UInt?,
    ) = core { fix(position, speedDmS) }

    // The clock stands still, so the budget never ends: the sync does when there is nothing left to do.
    override fun sync() = core { sync(60_000uL) }

    override fun suspend(deadlineMs: ULong) = core { suspend(deadlineMs) }

    override fun resume() = core { resume() }

    override fun diagnostics() = core { diagnostics() }

    override fun logOut(exportTo: String?) = core { logOut(exportTo) }
}
