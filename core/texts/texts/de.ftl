# Wie die Begriffe des Kerns heißen. Jeder Schlüssel steht in jeder Sprache dieses Ordners, sonst schlägt ein Test fehl.

reason-not-home = niemand zu Hause
reason-no-permitted-receiver = niemand da, der annehmen darf
reason-age-or-identity-not-proven = Alter oder Identität nicht nachgewiesen
reason-code-not-available = Code nicht zur Hand
reason-tries-used-up = alle Versuche verbraucht
reason-code-frozen = Code gesperrt
reason-access-blocked = kein Zugang
reason-window-missed = Zeitfenster verpasst
reason-refused = Annahme verweigert
reason-address-not-found = Adresse nicht gefunden
reason-damaged = beschädigt
reason-missing-in-van = fehlt im Wagen
reason-unsafe = hier nicht sicher
reason-recalled = zurückgerufen

next-step-later-today = kommt heute noch einmal
next-step-next-delivery-day = kommt am nächsten Zustelltag wieder
next-step-hold-for-pickup = liegt zur Abholung bereit
next-step-return-to-sender = geht an den Absender zurück
next-step-dispatcher = die Disposition entscheidet

receiver-recipient = Empfänger
receiver-household = Haushalt
receiver-named-neighbour = genannter Nachbar
receiver-other-neighbour = anderer Nachbar
receiver-named-person = genannte Person
receiver-concierge = Empfang oder Hausmeister
receiver-safe-place = Ablageort
receiver-mailbox = Briefkasten
receiver-pickup-point = Abholstelle

origin-recipient = Empfänger
origin-sender = Absender
origin-service = sichere Zustellung
origin-law = Postgesetz

standing-on-phone = vorläufig, nur auf diesem Telefon
standing-stored = vorläufig, in der Zentrale gespeichert
standing-confirmed = bestätigt
standing-under-review = in Prüfung
standing-refuted = widerlegt

why-asked-for = so steht es in den Anweisungen
why-in-person = die Person auf dem Etikett
why-substitute = darf für den Empfänger annehmen
why-holds-the-code = hat den Code
why-code-first = erst der Code
why-code-needs-person = braucht den Code, einer Person übergeben
why-no-neighbours = laut Anweisung keine Nachbarn
why-not-this-neighbour = laut Anweisung nicht dieser Nachbar
why-named-person-only = laut Anweisung nur eine bestimmte Person
why-not-asked-for = niemand hat darum gebeten
why-check-needs-person = etwas ist zu prüfen, einer Person übergeben
why-recipient-only = die Identität des Empfängers ist zu prüfen
why-contradiction = die Anweisungen widersprechen sich
why-not-by-policy = das macht dieser Zusteller nicht

proof-code = Code
proof-scan = Scan
proof-name = Name
proof-relation = Verhältnis zum Empfänger
proof-flat = Wohnung
proof-note = Notiz
proof-signature = Unterschrift
proof-photo = Foto des Pakets, ohne Personen
proof-age-check = Alter, mit Ausweis gezeigt
proof-identity-check = Identität, mit Ausweis gezeigt
proof-position = Standort

instruction-neighbour = Nachbar { $name } darf annehmen
instruction-neighbour-in-flat = Nachbar { $name } ({ $flat }) darf annehmen
instruction-no-neighbours = keine Nachbarn
instruction-not-neighbour = nicht Nachbar { $name }
instruction-safe-place = darf hier abgelegt werden: { $place }
instruction-named-person = nur { $name } darf annehmen
instruction-household = jeder im Haushalt darf annehmen
instruction-note = { $text }
instruction-mailbox = darf in den Briefkasten
instruction-concierge = Empfang oder Hausmeister darf annehmen
instruction-pickup-point = darf zu { $place } gebracht werden
instruction-signature = wer annimmt, unterschreibt
instruction-age-check = { $years ->
    [one] wer annimmt, ist mindestens { $years } Jahr alt
   *[other] wer annimmt, ist mindestens { $years } Jahre alt
}
instruction-identity-check = der Empfänger weist sich aus
instruction-access-code = Zugang: { $code }
instruction-preferred-window = eine andere Zeit ist lieber
instruction-meet-door = an der Wohnungstür treffen
instruction-meet-lobby = im Hausflur treffen
instruction-meet-outside = vor dem Haus treffen
instruction-unknown = unbekannte Anweisung ({ $kind }): Zentrale fragen

code-tries-left = { $tries ->
    [one] Noch ein Versuch.
   *[other] Noch { $tries } Versuche.
}
code-wait = { $seconds ->
    [one] Nächster Versuch in einer Sekunde.
   *[other] Nächster Versuch in { $seconds } Sekunden.
}
