card-language = Italiano
card-title = La sua consegna
card-parcels = { $n ->
    [one] Un pacco per lei.
   *[other] { $n } pacchi per lei.
}
card-code = Per favore mi dica il suo codice di sei cifre o mi mostri il codice QR.
card-where = Lo trova nell’e-mail del negozio e nella pagina di tracciamento.
card-never-by-phone = Lo dica solo qui alla porta: mai al telefono né al citofono.
card-who-may-receive = Con questo codice può ricevere anche qualcuno di casa sua o un vicino.
card-without-code = Senza il codice devo riportare indietro il pacco. Torniamo il prossimo giorno di consegna, con un nuovo codice.
