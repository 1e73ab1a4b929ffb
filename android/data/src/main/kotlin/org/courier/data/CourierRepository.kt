package org.courier.data

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.courier.core.AttemptId
import org.courier.core.CodeState
import org.courier.core.Command
import org.courier.core.CommandResult
import org.courier.core.Courier
import org.courier.core.CourierException
import org.courier.core.CourierInfo
import org.courier.core.Diagnostics
import org.courier.core.LogOut
import org.courier.core.Near
import org.courier.core.RouteView
import org.courier.core.StopId
import org.courier.core.StopView
import org.courier.core.SyncReport
import org.courier.core.Tracking
import java.io.File

/**
 * The one owner of the core: opens and closes it as the app comes and goes, and keeps the views that are looked at fresh.
 *
 * [connect] makes a core for a server, which is closed yet. Views are pulled while somebody collects them; while the core
 * is closed they keep what they had.
 */
class CourierRepository(
    private val scope: CoroutineScope,
    private val preferences: Preferences,
    private val background: BackgroundSync,
    private val connect: (server: String) -> Courier,
) {
    /** Held while the core is opened or closed. */
    private val gate = Mutex()
    private val users = mutableSetOf<Any>()

    /** How often the app came to the screen. */
    private var shown = 0
    private var watching: Job? = null

    /** One for as long as the phone is a courier's: the server of an enrolled phone does not change. */
    @Volatile private var core: Courier? = null
    private val open = MutableStateFlow(false)

    private val changes = MutableStateFlow(0L)
    private val mutableState = MutableStateFlow<PhoneState>(PhoneState.Starting)
    private val mutableTrouble = MutableStateFlow<CourierException?>(null)
    private val keptRoute = Kept(scope, view { route() })
    private val keptDiagnostics =
        Kept(scope, view<Diagnostics>({ it.lanes.any { lane -> lane.waitMs > 0uL } }) { diagnostics() })

    /** How the phone stands. */
    val state: StateFlow<PhoneState> = mutableState.asStateFlow()

    /** Why views cannot be pulled now, if they cannot. */
    val trouble: StateFlow<CourierException?> = mutableTrouble.asStateFlow()

    /** The day at a glance, once there is a route. */
    val route: StateFlow<RouteView?> get() = keptRoute.values

    /** What is on this phone. */
    val diagnostics: StateFlow<Diagnostics?> get() = keptDiagnostics.values

    /** A stop; null when it is not on the route any more. */
    fun stop(id: StopId): Flow<StopView?> =
        view<StopView?>({ stop -> stop?.doors.orEmpty().any { (it.code as? CodeState.Needed)?.waits == true } }) {
            try {
                stop(id)
            } catch (_: CourierException.NotFound) {
                null
            }
        }

    /** Every parcel of the route, in its order. */
    fun van(): Flow<List<VanParcel>> =
        view { route()?.stops.orEmpty().flatMap { stop(it.id).parcels() } }

    /** The day that runs, in numbers; null while none does. */
    @OptIn(ExperimentalCoroutinesApi::class)
    val day: Flow<RunningDay?> =
        state
            .flatMapLatest { phone ->
                if (phone == PhoneState.Enrolled) {
                    view { route()?.let { route -> diagnostics().let { RunningDay.of(route, it.pending, it.files) } } }
                } else {
                    flowOf(null)
                }
            }.distinctUntilChanged()

    private val mutableNear = MutableStateFlow<Near?>(null)

    /** The last stop near which the phone was, but not at it: its pin may be wrong, and the courier is asked. */
    val near: StateFlow<Near?> = mutableNear.asStateFlow()

    /** Whether the core wants to be shown where the phone is. Never while the core is closed. */
    @OptIn(ExperimentalCoroutinesApi::class)
    val wantsFixes: Flow<Boolean> =
        open.flatMapLatest { if (it) view { fix(null, null).sampling } else flowOf(false) }

    /** Shows the core where the phone is. An arrival that the fixes show is recorded; the fix is not. */
    suspend fun fix(fix: Fix): Answer<Tracking> {
        // Views are not pulled again for each of them: the core says so if one changed something.
        val answer = answer { opened().fix(fix.position, fix.speedDmS) }
        (answer as? Answer.Ok)?.value?.near?.let { mutableNear.value = it }
        return answer
    }

    /** The courier is not there yet. */
    fun notThere() {
        mutableNear.value = null
    }

    /** The app is on the screen: opens the phone if it belongs to a server. */
    suspend fun resume() =
        gate.withLock {
            shown++
            users += this
            openForUsers()
        }

    /**
     * The app left the screen and may be frozen after [deadlineMs]: what waits is sent if there is time, then the core is
     * closed, unless a background exchange or a running day still uses it or the app has come back meanwhile.
     */
    suspend fun pause(deadlineMs: Long) {
        val left = gate.withLock { shown }
        if (open.value && mutableState.value == PhoneState.Enrolled) {
            val waits = answer { (core ?: throw CourierException.Closed()).diagnostics().waits }
            if (waits == Answer.Ok(true)) {
                background.request()
                sync(deadlineMs)
            }
        }
        gate.withLock {
            if (shown == left) users -= this
            if (users.isEmpty()) shut()
        }
    }

    /** Makes this phone a courier's. The server is remembered only if that worked. */
    suspend fun enrol(
        server: String,
        code: String,
    ): Answer<CourierInfo> {
        gate.withLock {
            if (core != null) return Answer.No(CourierException.Auth())
            // Also when nobody waits for the answer any more: an enrolled phone must not be forgotten.
            return withContext(NonCancellable) {
                val tried = made(server)
                val answer = answer { tried.enrolled(code) }
                when (answer) {
                    is Answer.Ok -> {
                        preferences.write(SERVER, server)
                        adopt(tried)
                    }
                    is Answer.No -> turnAway(tried, server)
                }
                answer
            }
        }
    }

    /** Whose phone it is now. It may be a courier's whose app ended before the server was remembered; no name is known then. */
    private suspend fun Courier.enrolled(code: String): CourierInfo {
        open()
        return diagnostics().courier?.let { CourierInfo(it, "") } ?: enrol(code)
    }

    /** Does what the courier wants. What is answered is committed. */
    suspend fun submit(command: Command): Answer<CommandResult> {
        val answer = asked { submit(command).result }
        if (answer is Answer.Ok && answer.value !is CommandResult.Scanned) background.request()
        return answer
    }

    /** Asks the office for a new code, which is mailed to the customer. */
    suspend fun requestNewCode(attempt: AttemptId): Answer<Unit> = asked { requestReissue(attempt) }

    /** Exchanges what can be exchanged, for [budgetMs] milliseconds at most; a core that is closed is opened for it. */
    suspend fun sync(budgetMs: Long): Answer<SyncReport> = keepOpen { asked { sync(budgetMs.toULong()) } }

    /** The core stays open while [work] runs, whether the app is on the screen or not. */
    suspend fun <T> keepOpen(work: suspend () -> T): T {
        val user = Any()
        gate.withLock {
            users += user
            openForUsers()
        }
        try {
            return work()
        } finally {
            withContext(NonCancellable) { leave(user) }
        }
    }

    /**
     * The courier leaves this phone: everything of theirs goes, and it is as at its first start. What was not sent yet keeps
     * them, unless the core may write it into [export], which only the office can read.
     */
    suspend fun logOut(export: File? = null): Answer<LogOut> =
        gate.withLock {
            val ours = core?.takeIf { open.value } ?: return Answer.No(CourierException.Closed())
            withContext(NonCancellable) {
                val answer = answer { ours.logOut(export?.path) }
                if ((answer as? Answer.Ok)?.value is LogOut.Done) forget(ours)
                answer
            }
        }

    /** Whoever had [theirs] has left this phone. */
    private suspend fun forget(theirs: Courier) {
        open.value = false
        core = null
        watching?.cancelAndJoin()
        watching = null
        theirs.shutdown()
        theirs.close()
        mutableNear.value = null
        keptRoute.forget()
        keptDiagnostics.forget()
        mutableState.value = PhoneState.NotEnrolled(preferences.read(SERVER).orEmpty())
    }

    /** The app ends: closes the core, whoever uses it. What is still asked is answered with `Closed`. */
    suspend fun close() {
        gate.withLock {
            users.clear()
            shut()
            core?.shutdown()
        }
    }

    private suspend fun leave(user: Any) =
        gate.withLock {
            users -= user
            if (users.isEmpty()) shut()
        }

    private suspend fun openForUsers() {
        if (open.value) return
        val server = preferences.read(SERVER)
        if (server == null) {
            if (mutableState.value == PhoneState.Starting) mutableState.value = PhoneState.NotEnrolled("")
            return
        }
        val ours = core ?: made(server)
        when (val opened = answer { ours.open() }) {
            // The process may have ended right after the last courier left.
            is Answer.Ok -> if (core == null && ours.isNobodys()) turnAway(ours, server) else adopt(ours)
            is Answer.No -> {
                if (core == null) ours.close()
                mutableState.value = PhoneState.Broken(opened.error)
            }
        }
    }

    /** The first one loads the core's library, which takes longer than many frames: never on the thread that draws. */
    private suspend fun made(server: String) = withContext(NonCancellable + Dispatchers.Default) { connect(server) }

    private suspend fun Courier.isNobodys() = (answer { diagnostics().courier } as? Answer.Ok)?.let { it.value == null } ?: false

    private fun turnAway(
        nobodys: Courier,
        server: String,
    ) {
        nobodys.shutdown()
        nobodys.close()
        mutableState.value = PhoneState.NotEnrolled(server)
    }

    /** [opened] is the core of this phone. */
    private fun adopt(opened: Courier) {
        core = opened
        open.value = true
        mutableState.value = PhoneState.Enrolled
        watching = scope.launch { opened.revisions().collect { changed() } }
    }

    private suspend fun shut() {
        if (!open.value) return
        open.value = false
        watching?.cancelAndJoin()
        watching = null
        // What could be sent was sent before; nothing of the phone's data stays open while Android freezes the process.
        answer { core?.suspend(0uL) }
    }

    private fun changed() = changes.update { it + 1 }

    private suspend fun <T> asked(call: suspend Courier.() -> T): Answer<T> {
        val answer = answer { opened().call() }
        // Also after a refusal: what is on the screen may have been old.
        changed()
        return answer
    }

    /** A core that is just being opened is waited for: the first scan after the app came back is not lost. */
    private suspend fun opened(): Courier = gate.withLock { core?.takeIf { open.value } } ?: throw CourierException.Closed()

    /**
     * Pulled after every change, one pull at a time, and every second while it [waits] for time to pass; away from the main
     * thread, since a day of 200 stops takes longer to read than a frame.
     */
    private fun <T> view(
        waits: (T) -> Boolean = { false },
        pull: suspend Courier.() -> T,
    ): Flow<T> =
        flow {
            while (true) {
                open.first { it }
                val seen = changes.value
                val pulled = answer { (core ?: throw CourierException.Closed()).pull() }
                var again = false
                when (pulled) {
                    is Answer.Ok -> {
                        mutableTrouble.value = null
                        emit(pulled.value)
                        again = waits(pulled.value)
                    }
                    // Closed in the meantime: it comes back with `resume`.
                    is Answer.No -> if (pulled.error !is CourierException.Closed) mutableTrouble.value = pulled.error
                }
                if (again) {
                    withTimeoutOrNull(REFRESH_MS) { changes.first { it != seen } }
                } else {
                    changes.first { it != seen }
                }
            }
        }.distinctUntilChanged().flowOn(Dispatchers.Default)

    private val CodeState.Needed.waits get() = waitMs > 0uL

    private val Diagnostics.waits get() = pending > 0uL || files > 0uL

    companion object {
        /** The name under which the server is remembered. */
        const val SERVER = "server"

        private const val REFRESH_MS = 1_000L
    }
}
