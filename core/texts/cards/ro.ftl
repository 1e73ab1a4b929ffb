card-language = Română
card-title = Livrarea dumneavoastră
card-parcels = { $n ->
    [one] Un colet pentru dumneavoastră.
    [few] { $n } colete pentru dumneavoastră.
   *[other] { $n } de colete pentru dumneavoastră.
}
card-code = Vă rog să-mi spuneți codul de șase cifre sau să-mi arătați codul QR.
card-where = Îl găsiți în e-mailul de la magazin și pe pagina de urmărire.
card-never-by-phone = Spuneți-l doar aici, la ușă – niciodată la telefon sau la interfon.
card-who-may-receive = Cu acest cod poate primi și cineva din gospodăria dumneavoastră sau un vecin.
card-without-code = Fără cod trebuie să iau coletul înapoi. Revenim în următoarea zi de livrare, cu un cod nou.
