card-language = Čeština
card-title = Vaše zásilka
card-parcels = { $n ->
    [one] Jeden balík pro vás.
    [few] { $n } balíky pro vás.
    [many] { $n } balíku pro vás.
   *[other] { $n } balíků pro vás.
}
card-code = Řekněte mi prosím svůj šestimístný kód nebo ukažte QR kód.
card-where = Najdete ho v e-mailu od obchodu a na stránce sledování zásilky.
card-never-by-phone = Řekněte ho jen tady u dveří – nikdy po telefonu ani přes domácí telefon.
card-who-may-receive = S tímto kódem může převzít i někdo z vaší domácnosti nebo soused.
card-without-code = Bez kódu musím balík odvézt zpět. Přijedeme znovu další doručovací den, s novým kódem.
