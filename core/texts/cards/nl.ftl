card-language = Nederlands
card-title = Uw bezorging
card-parcels = { $n ->
    [one] Eén pakket voor u.
   *[other] { $n } pakketten voor u.
}
card-code = Zeg mij alstublieft uw code van zes cijfers of laat de QR-code zien.
card-where = U vindt de code in de e-mail van de winkel en op de volgpagina.
card-never-by-phone = Zeg de code alleen hier aan de deur – nooit via de telefoon of de intercom.
card-who-may-receive = Ook iemand uit uw huishouden of een buur mag met deze code aannemen.
card-without-code = Zonder de code moet ik het pakket weer meenemen. Wij komen terug op de volgende bezorgdag, met een nieuwe code.
