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

verdict-none = vorläufig
verdict-confirmed = bestätigt
verdict-under-review = in Prüfung
verdict-refuted = widerlegt

stop-state-open = offen
stop-state-partly = teilweise fertig
stop-state-done = fertig
stop-state-gone = weggenommen

closing-handed = übergeben
closing-failed = nicht zugestellt
closing-mixed = teilweise übergeben

attempt-open = offen
attempt-closed = { $closing }, { $standing }

outcome-handed-over = übergeben: { $receiver }
outcome-not-delivered = nicht zugestellt: { $reason }

taken-away-done-elsewhere = Jemand anders hat es zugestellt.
taken-away-reassigned = Die Zentrale hat es einem anderen Kurier gegeben.
taken-away-other = Die Zentrale hat es weggenommen: { $why }

instruction-of = { $origin }: { $text }
instruction-unreadable = { $origin }: { $text } – das kann niemand befolgen: Zentrale fragen
conflict-one-holds = „{ $one }“ und „{ $other }“ passen nicht zusammen: „{ $holds }“ gilt
conflict-none-holds = „{ $one }“ und „{ $other }“ passen nicht zusammen: keins von beiden gilt

option-named = { $receiver }: { $name }
option-named-in-flat = { $receiver }: { $name } ({ $flat })

demand-required = nötig
demand-warn = gewünscht
demand-optional = freiwillig
demand-forbidden = nicht erlaubt
proof-demanded = { $proof }: { $demand } ({ $by })
proof-at-least = { $years ->
    [one] Alter von mindestens { $years } Jahr: { $demand } ({ $by })
   *[other] Alter von mindestens { $years } Jahren: { $demand } ({ $by })
}

excuse-barcode-damaged = der Barcode ist beschädigt
excuse-declined = die Person wollte nicht
excuse-device-failed = dieses Telefon versagte
excuse-not-possible = es ging hier nicht

locked-tries-used = alle Versuche sind verbraucht
locked-frozen = die Zentrale hat ihn abgelehnt und den Code gesperrt; Paket behalten

code-not-needed = Kein Code nötig.
code-ask = Nach dem Code fragen, von Angesicht zu Angesicht.
code-accepted = Code angenommen, { $verdict }.
code-accepted-of = Code von { $holder } angenommen, { $verdict }.
code-accepted-of-recipient = Code des Empfängers angenommen, { $verdict }.
code-accepted-of-neighbour = Code von Nachbar { $holder } angenommen, { $verdict }.
code-asked = Der Code ist bei der Zentrale: keine Übergabe, bevor sie antwortet. Mit einem Grund kann man gehen.
code-locked = Es wird kein Code angenommen: { $by }.
code-not-yet = Der Code gilt noch nicht.
code-expired = Der Code gilt nicht mehr.
code-missing = Dieses Telefon kann den Code nicht prüfen.
code-wrong = Falscher Code.
code-wrong-locked = Falscher Code. Es wird kein anderer angenommen: { $by }.

answer-recorded = Festgehalten.
answer-was-so = Erledigt. Es gab nichts festzuhalten.
answer-photo = Foto gemacht: es gehört zu dem, was Sie als Nächstes festhalten.
answer-signature = Unterschrieben: das gehört zu dem, was Sie als Nächstes festhalten.

scan-here = Gescannt.
scan-other-stop = Dieses Paket gehört zu Stopp { $no }.
scan-foreign = Ein fremdes Paket: { $form }, nicht auf dieser Tour.
scan-routing-code = Das ist der Leitcode: den anderen Barcode des Etiketts scannen.
scan-unknown = Dieses Paket ist nicht auf der Tour.

key-hardware = in Hardware
key-software = in einer Datei, nicht in Hardware

kept-facts = Hier: Aufzeichnungen
kept-entries = Hier: Code-Eingaben
kept-route = Hier: Tour aus der Zentrale
kept-drafts = Hier: begonnene Türen
kept-files = Hier: Fotos und Unterschriften
kept-set-aside = Hier: beschädigte oder ältere Dateien
kept-so-much = { $count }, { $kilobytes } kB, { $goes }
goes-once-stored = bis die Zentrale alles hat
goes-by = höchstens bis { $day }.{ $month }.{ $year }
goes-stays = bis der Kurier das Telefon abgibt

sync-not-enrolled = dieses Telefon ist nicht angemeldet
sync-auth = der Server lehnt dieses Telefon ab
sync-dismissed = der Kurier dieses Telefons arbeitet hier nicht mehr
sync-suspended = der Kurier dieses Telefons ist gesperrt: Zentrale fragen
sync-outdated = App und Server verstehen sich nicht: die App aktualisieren
sync-server = der Server ist gestört und wird wieder versucht
sync-not-the-server = jemand anders hat geantwortet, etwa ein WLAN-Portal: dort anmelden
sync-phone = Speicher oder Schlüssel dieses Telefons versagten

rejection-no-route = es gibt noch keine Tour
rejection-day-not-started = der Tag hat nicht begonnen
rejection-day-closed = der Tag ist beendet
rejection-not-on-route = das ist nicht auf der Tour
rejection-gone = die Zentrale hat es weggenommen ({ $why })
rejection-not-open = es hat schon ein Ergebnis
rejection-scan-first = erst das Paket scannen
rejection-misread = der Barcode wurde falsch gelesen: noch einmal scannen
rejection-no-code-needed = kein gescanntes Paket braucht einen Code
rejection-code-matched-already = ein passender Code ist schon eingegeben
rejection-wait = { $seconds ->
    [one] der nächste Code wird in einer Sekunde angenommen
   *[other] der nächste Code wird in { $seconds } Sekunden angenommen
}
rejection-locked = es wird kein Code mehr angenommen: { $by }
rejection-code-asked = die Zentrale hat auf den letzten Code noch nicht geantwortet
rejection-not-yet = der Code gilt noch nicht
rejection-expired = der Code gilt nicht mehr
rejection-code-missing = dieses Telefon kann den Code nicht prüfen
rejection-not-allowed = { $why } ({ $by })
rejection-name-needed = der Name der Person fehlt
rejection-reason-not-offered = dieser Grund trifft jetzt nicht zu
rejection-nothing-to-withdraw = es gibt nichts zurückzunehmen
rejection-handed-over = ein übergebenes Paket kommt nicht zurück
rejection-no-new-code = dafür gibt es jetzt keinen neuen Code
rejection-proof-needed = es fehlt: { $proof }
rejection-proof-forbidden = hier nicht erlaubt: { $proof }
rejection-nothing-to-prove = dafür ist nichts nachzuweisen
rejection-file-not-taken = das wurde nicht hier aufgenommen
rejection-not-signed = es wurde nicht unterschrieben
rejection-place-fixed = der Platz auf der Tour ist fest
rejection-proposal-over = der Vorschlag gilt nicht mehr: die Tour hat sich geändert
rejection-bad-text = ein Text ist leer oder länger als { $max } Zeichen

input-not-six-digits = Ein Code hat sechs Ziffern. Kein Versuch wurde verbraucht.
input-not-a-token = Das ist nicht der QR des Kunden. Kein Versuch wurde verbraucht.
input-enrolment-code = Der Code hat 10 Zeichen, A bis Z und 2 bis 7.
input-server-url = Die Adresse des Servers muss mit https:// beginnen.
input-certificate = Das Zertifikat des Betreibers ist nicht lesbar.
input-photo-unreadable = Das Foto ist nicht lesbar: noch einmal aufnehmen.
input-not-a-photo = Das ist kein ganzes Foto: noch einmal aufnehmen.
input-photo-too-large = Das Foto ist zu groß: höchstens 2 MB.

storage-full = Das Telefon ist voll: etwas anderes löschen, dann geht es weiter. Nichts wurde festgehalten.
storage-not-now = Der Speicher ist jetzt nicht nutzbar: entsperren und noch einmal versuchen. Nichts wurde festgehalten.
storage-in-use = Eine andere App benutzt die Daten dieses Telefons. Nichts wurde festgehalten.
storage-newer = Eine neuere Version dieser App hat die Daten geschrieben: diese installieren. Nichts wurde festgehalten.
storage-broken = Der Speicher ist beschädigt und wird wiederhergestellt: noch einmal versuchen. Nichts wurde festgehalten.

error-rejected = Nicht möglich: { $reason }.
error-not-found = Das gibt es auf diesem Telefon nicht.
error-offline = Keine Antwort vom Server. Nichts wurde festgehalten.
error-auth = Der Server lehnt dieses Telefon ab, oder es ist nicht angemeldet. Nichts wurde festgehalten.
error-key-unavailable = Der Schlüssel des Telefons ist jetzt nicht nutzbar: entsperren und noch einmal versuchen. Nichts wurde festgehalten.
error-closed = Die App schließt gerade. Nichts wurde festgehalten.
error-internal = Ein Fehler dieser App ({ $incident }). Nichts wurde festgehalten.

arrival-about = etwa { $time }
arrival-late = etwa { $time }, { $minutes } min zu spät
arrival-far-from-pin = Sie waren dabei { $metres } m von seinem Punkt auf der Karte entfernt: vielleicht ist der Punkt falsch.

proposal-best-in-time = mehr Stopps pünktlich
proposal-best-less-late = weniger Verspätung
proposal-best-shorter = kürzer
proposal-best-tidier = weniger Wechsel des Gebiets
proposal-ends-sooner = spart { $minutes } min
proposal-ends-later = endet { $minutes } min später
proposal-moves =
    { $stops ->
        [one] verschiebt einen Stopp
       *[other] verschiebt { $stops } Stopps
    } { $parcels ->
        [one] mit einem Paket
       *[other] mit { $parcels } Paketen
    }
proposal-in-time = dann pünktlich: { $stops }
proposal-late = dann zu spät: { $stops }
