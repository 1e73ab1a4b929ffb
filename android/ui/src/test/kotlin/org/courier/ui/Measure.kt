package org.courier.ui

import androidx.compose.ui.ImageComposeScene
import androidx.compose.ui.unit.Density
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.courier.core.Command
import org.courier.core.Receiver
import org.courier.core.ReceiverDetails
import org.courier.core.StopId
import org.courier.core.coreVersion
import org.courier.data.Answer
import org.courier.data.CourierRepository
import org.courier.data.Office
import org.courier.data.Parcel
import org.courier.data.SYNC_BUDGET_MS
import org.courier.data.Start
import org.courier.data.TestPhone
import java.io.File
import java.lang.management.ManagementFactory
import java.nio.file.Files
import kotlin.system.exitProcess

private const val STOPS = 200
private const val STARTS = 11

private const val TIMED = 70
private const val VIEWS = 30

private val threads = ManagementFactory.getThreadMXBean()

/** Frames of 60 in a second. */
private const val FRAME_MS = 1_000.0 / 60

/**
 * What the binding and the screens cost with 200 stops, on the JVM of this machine. No test: such figures mean something only
 * beside each other and on a machine that does nothing else. `measure.sh` runs it.
 */
fun main() {
    // Android compiles an app when it installs it. Here a day stands for that, which runs and draws all there is: nothing of it is said.
    day { folder -> TestPhone(folder).use { calls(it) { _, _ -> } } }
    day { folder -> TestPhone(folder).use { calls(it, ::say) } }
    day(::coldStarts)
    exitProcess(0)
}

private fun say(
    what: String,
    figures: String,
) = println("%-60s %s".format(what, figures))

private fun List<Double>.told(): String {
    val sorted = sorted()
    return "median %.2f ms, 95 %% %.2f ms, most %.2f ms of %d".format(sorted[size / 2], sorted[size * 95 / 100], sorted.last(), size)
}

private inline fun ms(work: () -> Unit): Double {
    val begun = System.nanoTime()
    work()
    return (System.nanoTime() - begun) / 1e6
}

/** A day of 200 stops has begun on the phone in a folder, and [work] goes on with it. */
private fun day(work: (File) -> Unit) {
    val folder = Files.createTempDirectory("courier-measure").toFile()
    try {
        Office().use { office ->
            begin(office, folder)
            work(folder)
        }
    } finally {
        folder.deleteRecursively()
    }
}

private fun begin(
    office: Office,
    folder: File,
) = TestPhone(folder).use { phone ->
    office.publish(*Array(STOPS) { Parcel("P%03d".format(it), cents = 1_000) })
    runBlocking {
        phone.repository.resume()
        phone.repository.enrol(office.url, office.enrolmentCode()).ok()
        phone.repository.sync(SYNC_BUDGET_MS).ok()
        phone.repository.submit(Command.StartDay).ok()
        check(phone.route().stops.size == STOPS)
    }
}

private fun <T> Answer<T>.ok(): T = (this as? Answer.Ok)?.value ?: error("$this")

private suspend fun TestPhone.route() = repository.route.filterNotNull().first()

/**
 * In a JVM of its own each: loading the library and the classes is what a start mostly is. Once as it is, and once spared what no
 * phone does at a start of an app.
 */
private fun coldStarts(folder: File) {
    val prepared = File(System.getProperty("courier.prepared"))
    val archive = File(prepared, "classes.jsa")
    val loaded = File(prepared, "loaded")
    jvm(listOf("-XX:ArchiveClassesAtExit=$archive", "-Xlog:class+load:file=$loaded"), folder)
    // Android forks an app off a process that has loaded and begun the classes of the platform (its list preloaded-classes).
    val platform = File(prepared, "platform")
    platform.writeText(loaded.readLines().mapNotNull { PLATFORM_CLASS.find(it)?.groupValues?.get(1) }.joinToString("\n"))
    val spared =
        listOf(
            // An app has JNA's library beside it and unpacks nothing.
            "-Djna.boot.library.path=${File(prepared, "com/sun/jna/linux-x86-64")}",
            // On Linux JNA runs ldconfig to know where libraries are, on Android it does not.
            "-Djna.platform.library.path=$prepared",
            // Android reads and checks an app's classes when it installs it. It compiles them too, which nothing here stands for.
            "-XX:SharedArchiveFile=$archive",
        )
    // One beside the other: whatever else the machine does, it does to both.
    val (plain, phone) = List(STARTS) { jvm(emptyList(), folder) to jvm(spared, folder, platform) }.unzip()
    for ((how, starts) in listOf("" to plain, ", spared what no phone does" to phone)) {
        say("start of the app's Kotlin to the first route view$how", starts.map { it[3] }.told())
        say("  of it JNA alone, until it could load a library", starts.map { it[0] }.told())
        say("  until the core's library was loaded and checked", starts.map { it[1] }.told())
        say("  until the phone was open", starts.map { it[2] }.told())
    }
}

/** When a start in a new JVM with these [options] was how far, in ms. */
private fun jvm(
    options: List<String>,
    vararg arguments: File,
): List<Double> {
    val java = ProcessHandle.current().info().command().get()
    val command =
        listOf(java) + ManagementFactory.getRuntimeMXBean().inputArguments.filter { it.startsWith("-D") } + options +
            listOf("-cp", System.getProperty("courier.start"), Start::class.java.name) + arguments.map { it.path }
    val process = ProcessBuilder(command).redirectErrorStream(true).start()
    val said = process.inputStream.bufferedReader().readText()
    return checkNotNull(TOLD.find(said)) { said }.groupValues.drop(1).map { it.toDouble() }
}

/** A class of the platform in what a JVM says of each that it loads; none that it makes while it runs. */
private val PLATFORM_CLASS = Regex("""\] ((?:java|javax|jdk|sun)\.[A-Za-z0-9_.$]+) source: (?:jrt:|shared)""")

private val TOLD = Regex("jna ([0-9.]+), library ([0-9.]+), open ([0-9.]+), route ([0-9.]+) of $STOPS stops")

private fun calls(
    phone: TestPhone,
    say: (String, String) -> Unit,
) = runBlocking {
    phone.repository.resume()
    val stops = phone.route().stops.map { it.id }
    val calls = 10_000
    say("a call that does nothing (coreVersion)", "%.2f µs".format(ms { repeat(calls) { coreVersion() } } * 1_000 / calls))
    // Nothing is to wait while what something else has left is collected: Android does that beside the app.
    System.gc()
    say("a command that changes nothing (StartDay again)", List(1_000) { ms { phone.repository.submit(Command.StartDay) } }.told())
    System.gc()
    say("submit of a handover", stops.take(TIMED).map { handOver(phone.repository, it) }.told())
    say("a stop's view", stops.map { ms { phone.repository.stop(it).first() } }.told())
    // As a screen does: the route is looked at all the time.
    val watching = launch(Dispatchers.Default) { phone.repository.route.collect {} }
    System.gc()
    say("a handover and the route view that shows it", views(phone, stops, done = TIMED))
    System.gc()
    frames(phone, stops, done = TIMED + VIEWS, say)
    watching.cancel()
}

/** The milliseconds of the handover itself; before it the courier has arrived and scanned. */
private suspend fun handOver(
    repository: CourierRepository,
    stop: StopId,
): Double {
    val command = atTheDoor(repository, stop)
    val begun = System.nanoTime()
    repository.submit(command).ok()
    return (System.nanoTime() - begun) / 1e6
}

private suspend fun atTheDoor(
    repository: CourierRepository,
    stop: StopId,
): Command {
    repository.submit(Command.Arrive(stop)).ok()
    val door = checkNotNull(repository.stop(stop).first()).doors.single()
    repository.submit(Command.Scan(stop, door.parcels.single().barcode)).ok()
    return Command.HandOver(door.attempt, emptyList(), Receiver.Recipient, ReceiverDetails(null, null, null, null))
}

private suspend fun CourierRepository.shows(done: Int) =
    withTimeout(PATIENCE_MS) { route.filterNotNull().first { it.counts.stopsDone == done.toUInt() } }

/** How many views of the whole route there are a second while one stop after the other changes. */
private suspend fun views(
    phone: TestPhone,
    stops: List<StopId>,
    done: Int,
): String {
    val each =
        (done until done + VIEWS).map { at ->
            val command = atTheDoor(phone.repository, stops[at])
            ms {
                phone.repository.submit(command).ok()
                phone.repository.shows(at + 1)
            }
        }
    return each.told() + ", %.0f/s".format(1_000 * each.size / each.sum())
}

/** How long it takes to draw Today after a change, without a screen. */
private suspend fun frames(
    phone: TestPhone,
    stops: List<StopId>,
    done: Int,
    say: (String, String) -> Unit,
) {
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main)
    val state = AppState(phone.repository, phone.preferences, FakePlatform(), scope, "en-GB")
    val scene = ImageComposeScene(411, 891, Density(1f)) { CourierApp(state) }
    try {
        repeat(30) { scene.render(System.nanoTime()) }
        // How long it took, and how long the thread that draws was at work: a busy machine lets it wait.
        val (each, work) =
            (done until stops.size)
                .map { at ->
                    phone.repository.submit(atTheDoor(phone.repository, stops[at])).ok()
                    phone.repository.shows(at + 1)
                    val worked = threads.currentThreadCpuTime
                    ms { scene.render(System.nanoTime()) } to (threads.currentThreadCpuTime - worked) / 1e6
                }.unzip()
        for ((what, figures) in listOf("Today drawn after a change, no screen" to each, "  of it at work" to work)) {
            say(what, figures.told() + ", longer than a frame: ${figures.count { it > FRAME_MS }}")
        }
        say("the same drawn again without a change", List(each.size) { ms { scene.render(System.nanoTime()) } }.told())
    } finally {
        scene.close()
        scope.cancel()
    }
}
