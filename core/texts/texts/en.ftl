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

verdict-none = provisional
verdict-confirmed = confirmed
verdict-under-review = under review
verdict-refuted = refuted

stop-state-open = open
stop-state-partly = partly done
stop-state-done = done
stop-state-gone = taken away

closing-handed = handed over
closing-failed = not delivered
closing-mixed = partly handed over

attempt-open = open
attempt-closed = { $closing }, { $standing }

outcome-handed-over = handed over: { $receiver }
outcome-not-delivered = not delivered: { $reason }

taken-away-done-elsewhere = Somebody else has delivered it.
taken-away-reassigned = The office gave it to another courier.
taken-away-other = The office took it away: { $why }

instruction-of = { $origin }: { $text }
instruction-unreadable = { $origin }: { $text } – this cannot be followed: ask the office
conflict-one-holds = “{ $one }” and “{ $other }” do not go together: “{ $holds }” holds
conflict-none-holds = “{ $one }” and “{ $other }” do not go together: neither holds

option-named = { $receiver }: { $name }
option-named-in-flat = { $receiver }: { $name } ({ $flat })

demand-required = required
demand-warn = wanted
demand-optional = optional
demand-forbidden = not taken
proof-demanded = { $proof }: { $demand } ({ $by })
proof-at-least = { $years ->
    [one] age of at least { $years } year: { $demand } ({ $by })
   *[other] age of at least { $years } years: { $demand } ({ $by })
}

excuse-barcode-damaged = the barcode is damaged
excuse-declined = the person did not want to
excuse-device-failed = this phone failed
excuse-not-possible = it could not be done here

locked-tries-used = all tries are used up
locked-frozen = the office refused it and froze the code; keep the parcel

code-not-needed = No code is needed.
code-ask = Ask for the code, face to face.
code-accepted = Code accepted, { $verdict }.
code-accepted-of = Code of { $holder } accepted, { $verdict }.
code-accepted-of-recipient = The recipient's code accepted, { $verdict }.
code-accepted-of-neighbour = Code of neighbour { $holder } accepted, { $verdict }.
code-asked = The code is with the office: no handover before it answers. You can leave with a reason.
code-locked = No code is taken: { $by }.
code-not-yet = The code is not valid yet.
code-expired = The code is not valid any more.
code-missing = This phone cannot check the code.
code-wrong = Wrong code.
code-wrong-locked = Wrong code. No other is taken: { $by }.

answer-recorded = Recorded.
answer-was-so = Done. There was nothing to record.
answer-photo = Photo taken: it goes with what you record next.
answer-signature = Signed: it goes with what you record next.

scan-here = Scanned.
scan-other-stop = This parcel belongs to stop { $no }.
scan-foreign = Somebody else's parcel: { $form }, not on this route.
scan-routing-code = This is the routing code: scan the other barcode of the label.
scan-unknown = This parcel is not on the route.

key-hardware = in hardware
key-software = in a file, not in hardware

kept-facts = Here: records
kept-entries = Here: code entries
kept-route = Here: route from the office
kept-drafts = Here: doors begun
kept-files = Here: photos and signatures
kept-set-aside = Here: damaged or older files
kept-so-much = { $count }, { $kilobytes } kB, { $goes }
goes-once-stored = until the server has all of them
goes-by = until { $year }-{ $month }-{ $day } at the latest
goes-stays = until the courier leaves this phone

sync-not-enrolled = this phone is not enrolled
sync-auth = the server refuses this phone
sync-dismissed = this phone's courier no longer works here
sync-suspended = this phone's courier is suspended: ask the office
sync-outdated = app and server do not understand each other: update the app
sync-server = the server has a fault, and is tried again
sync-not-the-server = somebody else answered, such as a portal: sign in there
sync-phone = storage or keys of this phone failed

rejection-no-route = there is no route yet
rejection-day-not-started = the day has not begun
rejection-day-closed = the day is over
rejection-not-on-route = this is not on the route
rejection-gone = the office took it away ({ $why })
rejection-not-open = it has an outcome already
rejection-scan-first = scan the parcel first
rejection-misread = the barcode was misread: scan it again
rejection-no-code-needed = no scanned parcel needs a code
rejection-code-matched-already = a code that fits was entered already
rejection-wait = { $seconds ->
    [one] the next code is taken in one second
   *[other] the next code is taken in { $seconds } seconds
}
rejection-locked = no code is taken any more: { $by }
rejection-code-asked = the office has not yet answered the last code
rejection-not-yet = the code is not valid yet
rejection-expired = the code is not valid any more
rejection-code-missing = this phone cannot check the code
rejection-not-allowed = { $why } ({ $by })
rejection-name-needed = the name of the person is needed
rejection-reason-not-offered = this reason does not apply now
rejection-nothing-to-withdraw = there is nothing to take back
rejection-handed-over = a parcel that was handed over does not come back
rejection-no-new-code = there is no new code for it now
rejection-proof-needed = something is missing: { $proof }
rejection-proof-forbidden = not to be taken here: { $proof }
rejection-nothing-to-prove = there is nothing to prove it for
rejection-file-not-taken = this file was not taken here
rejection-not-signed = nobody signed
rejection-place-fixed = its place on the route is fixed
rejection-proposal-over = this proposal is over: the route has changed
rejection-bad-text = { $max ->
    [one] a text is empty, or longer than { $max } character
   *[other] a text is empty, or longer than { $max } characters
}

input-not-six-digits = A code has six digits. No try was used.
input-not-a-token = This is not the customer's QR. No try was used.
input-enrolment-code = The code has 10 characters, A to Z and 2 to 7.
input-server-url = The server's address has to begin with https://.
input-certificate = The operator's certificate cannot be read.
input-photo-unreadable = The photo cannot be read: take it again.
input-not-a-photo = This is no whole photo: take it again.
input-photo-too-large = The photo is too large: 2 MB at most.

storage-full = The phone is full: delete something else, then it goes on. Nothing was recorded.
storage-not-now = The phone's storage cannot be used now: unlock the phone and try again. Nothing was recorded.
storage-in-use = Another app uses this phone's data. Nothing was recorded.
storage-newer = A newer version of this app has written the data: install that one. Nothing was recorded.
storage-broken = The phone's storage is damaged and is put together again: try again. Nothing was recorded.

error-rejected = Not possible: { $reason }.
error-not-found = There is no such thing on this phone.
error-offline = No answer from the server. Nothing was recorded.
error-auth = The server refuses this phone, or it is not enrolled. Nothing was recorded.
error-key-unavailable = The phone's key cannot be used now: unlock the phone and try again. Nothing was recorded.
error-closed = The app is just closing. Nothing was recorded.
error-internal = A fault of this app ({ $incident }). Nothing was recorded.

arrival-about = about { $time }
arrival-late = about { $time }, { $minutes } min late
arrival-far-from-pin = You were { $metres } m from its pin when you said so: perhaps the pin is wrong.

proposal-best-in-time = more stops in time
proposal-best-less-late = less late
proposal-best-shorter = shorter
proposal-best-tidier = fewer changes of zone
proposal-ends-sooner = saves { $minutes } min
proposal-ends-later = ends { $minutes } min later
proposal-moves =
    { $stops ->
        [one] moves one stop
       *[other] moves { $stops } stops
    } { $parcels ->
        [one] with one parcel
       *[other] with { $parcels } parcels
    }
proposal-in-time = in time then: { $stops }
proposal-late = late then: { $stops }
