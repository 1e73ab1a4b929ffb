# What the core's terms are called. Every key is in every language of this folder, or a test fails.

reason-not-home = not home
reason-no-permitted-receiver = nobody there who may receive
reason-age-or-identity-not-proven = age or identity not proven
reason-code-not-available = code not available
reason-tries-used-up = tries used up
reason-code-frozen = code frozen
reason-access-blocked = access blocked
reason-window-missed = time window missed
reason-refused = refused by the recipient
reason-address-not-found = address not found
reason-damaged = damaged
reason-missing-in-van = missing in the van
reason-unsafe = not safe here
reason-recalled = recalled

next-step-later-today = comes again today
next-step-next-delivery-day = comes again on the next delivery day
next-step-hold-for-pickup = is held for pick-up
next-step-return-to-sender = goes back to the sender
next-step-dispatcher = the dispatcher decides

receiver-recipient = recipient
receiver-household = household
receiver-named-neighbour = named neighbour
receiver-other-neighbour = another neighbour
receiver-named-person = named person
receiver-concierge = reception or concierge
receiver-safe-place = safe place
receiver-mailbox = mailbox
receiver-pickup-point = pick-up point

origin-recipient = recipient
origin-sender = sender
origin-service = secure delivery
origin-law = postal law

standing-on-phone = provisional, on this phone only
standing-stored = provisional, stored by the backend
standing-confirmed = confirmed
standing-under-review = under review
standing-refuted = refuted

why-asked-for = the instructions ask for it
why-in-person = the person on the label
why-substitute = may receive for the recipient
why-holds-the-code = holds the code
why-code-first = the code comes first
why-code-needs-person = needs the code, hand over to a person
why-no-neighbours = the instructions say no neighbours
why-not-this-neighbour = the instructions exclude this neighbour
why-named-person-only = the instructions allow one person only
why-not-asked-for = nobody asked for it
why-check-needs-person = something is to be checked, hand over to a person
why-recipient-only = the recipient's identity is to be checked
why-contradiction = the instructions contradict each other
why-not-by-policy = the carrier does not do that

proof-code = code
proof-scan = scan
proof-name = name
proof-relation = relation to the recipient
proof-flat = flat
proof-note = note
proof-signature = signature
proof-photo = photo of the parcel, without people
proof-age-check = age, shown by a document
proof-identity-check = identity, shown by a document
proof-position = position

instruction-neighbour = neighbour { $name } may receive
instruction-neighbour-in-flat = neighbour { $name } ({ $flat }) may receive
instruction-no-neighbours = no neighbours
instruction-not-neighbour = not neighbour { $name }
instruction-safe-place = may be left here: { $place }
instruction-named-person = only { $name } may receive
instruction-household = anybody of the household may receive
instruction-note = { $text }
instruction-mailbox = may be put into the mailbox
instruction-concierge = reception or concierge may receive
instruction-pickup-point = may be brought to { $place }
instruction-signature = whoever receives signs
instruction-age-check = { $years ->
    [one] whoever receives is at least { $years } year old
   *[other] whoever receives is at least { $years } years old
}
instruction-identity-check = the recipient shows who they are
instruction-access-code = way in: { $code }
instruction-preferred-window = another time is liked better
instruction-meet-door = meet at the door
instruction-meet-lobby = meet in the entrance hall
instruction-meet-outside = meet in front of the house
instruction-unknown = unknown instruction ({ $kind }): ask the office

code-tries-left = { $tries ->
    [one] One try left.
   *[other] { $tries } tries left.
}
code-wait = { $seconds ->
    [one] Next try in one second.
   *[other] Next try in { $seconds } seconds.
}
