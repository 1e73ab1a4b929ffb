card-language = Français
card-title = Votre livraison
card-parcels = { $n ->
    [one] { $n } colis pour vous.
   *[other] { $n } colis pour vous.
}
card-code = Veuillez me dire votre code à six chiffres ou me montrer le code QR.
card-where = Vous le trouvez dans l’e-mail du magasin et sur la page de suivi.
card-never-by-phone = Ne le donnez qu’ici, à la porte – jamais au téléphone ni à l’interphone.
card-who-may-receive = Une personne de votre foyer ou un voisin peut aussi recevoir le colis avec ce code.
card-without-code = Sans le code, je dois reprendre le colis. Nous repassons le prochain jour de livraison, avec un nouveau code.
