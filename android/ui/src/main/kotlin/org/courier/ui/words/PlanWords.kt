package org.courier.ui.words

import org.courier.core.ProposalReason

/** What is said about the order of the stops and when they are reached. */
interface PlanWords {
    val arrivesTitle: String
    val otherOrder: String
    val takeOrder: String
    val keepMine: String
    val comesNext: String
    val comesLast: String

    /** Clock times; `late` in minutes, 0 if in time. */
    fun reached(
        from: String,
        to: String,
        late: UInt,
    ): String

    fun done(at: String): String

    fun bestAt(reason: ProposalReason): String

    /** Minutes; negative if it takes longer. */
    fun saves(minutes: Long): String

    fun moves(
        stops: Int,
        parcels: UInt,
    ): String

    fun inTimeThen(numbers: List<UInt>): String

    fun lateThen(numbers: List<UInt>): String

    fun farFromPin(metres: UInt): String
}

internal object EnglishPlan : PlanWords {
    override val arrivesTitle = "Reached"
    override val otherOrder = "Another order?"
    override val takeOrder = "Take it"
    override val keepMine = "Keep mine"
    override val comesNext = "Next"
    override val comesLast = "Last"

    override fun reached(
        from: String,
        to: String,
        late: UInt,
    ) = "about $from–$to" + if (late == 0u) "" else ", $late min late"

    override fun done(at: String) = "done about $at"

    override fun bestAt(reason: ProposalReason) =
        when (reason) {
            ProposalReason.IN_TIME -> "more stops in time"
            ProposalReason.LESS_LATE -> "less late"
            ProposalReason.SHORTER -> "shorter"
            ProposalReason.TIDIER -> "fewer changes of zone"
        }

    override fun saves(minutes: Long) = if (minutes < 0) "takes ${-minutes} min more" else "saves $minutes min"

    override fun moves(
        stops: Int,
        parcels: UInt,
    ) = "moves $stops stops with $parcels parcels"

    override fun inTimeThen(numbers: List<UInt>) = "in time then: ${numbers.joinToString()}"

    override fun lateThen(numbers: List<UInt>) = "late then: ${numbers.joinToString()}"

    override fun farFromPin(metres: UInt) = "You were $metres m from its pin when you said so: perhaps the pin is wrong."
}

internal object GermanPlan : PlanWords {
    override val arrivesTitle = "Ankunft"
    override val otherOrder = "Andere Reihenfolge?"
    override val takeOrder = "Übernehmen"
    override val keepMine = "Meine behalten"
    override val comesNext = "Als Nächstes"
    override val comesLast = "Ans Ende"

    override fun reached(
        from: String,
        to: String,
        late: UInt,
    ) = "etwa $from–$to" + if (late == 0u) "" else ", $late min zu spät"

    override fun done(at: String) = "fertig etwa $at"

    override fun bestAt(reason: ProposalReason) =
        when (reason) {
            ProposalReason.IN_TIME -> "mehr Stopps pünktlich"
            ProposalReason.LESS_LATE -> "weniger Verspätung"
            ProposalReason.SHORTER -> "kürzer"
            ProposalReason.TIDIER -> "weniger Wechsel des Gebiets"
        }

    override fun saves(minutes: Long) = if (minutes < 0) "dauert ${-minutes} min länger" else "spart $minutes min"

    override fun moves(
        stops: Int,
        parcels: UInt,
    ) = "verschiebt $stops Stopps mit $parcels Paketen"

    override fun inTimeThen(numbers: List<UInt>) = "dann pünktlich: ${numbers.joinToString()}"

    override fun lateThen(numbers: List<UInt>) = "dann zu spät: ${numbers.joinToString()}"

    override fun farFromPin(metres: UInt) = "Du warst $metres m von seinem Punkt auf der Karte entfernt: vielleicht ist der Punkt falsch."
}
