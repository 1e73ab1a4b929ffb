card-language = Deutsch
card-title = Ihre Zustellung
card-parcels = { $n ->
    [one] Ein Paket für Sie.
   *[other] { $n } Pakete für Sie.
}
card-code = Bitte nennen Sie mir Ihren sechsstelligen Code oder zeigen Sie mir den QR-Code.
card-where = Sie finden ihn in der E-Mail des Händlers und auf der Seite der Sendungsverfolgung.
card-never-by-phone = Nennen Sie ihn nur hier an der Tür – nie am Telefon und nie über die Sprechanlage.
card-who-may-receive = Auch jemand aus Ihrem Haushalt oder ein Nachbar darf mit diesem Code annehmen.
card-without-code = Ohne den Code muss ich das Paket wieder mitnehmen. Wir kommen am nächsten Zustelltag wieder, mit einem neuen Code.
