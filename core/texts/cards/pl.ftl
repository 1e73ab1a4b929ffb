card-language = Polski
card-title = Państwa przesyłka
card-parcels = { $n ->
    [one] Jedna paczka dla Państwa.
    [few] { $n } paczki dla Państwa.
    [many] { $n } paczek dla Państwa.
   *[other] { $n } paczki dla Państwa.
}
card-code = Proszę podać sześciocyfrowy kod albo pokazać kod QR.
card-where = Kod jest w e-mailu ze sklepu i na stronie śledzenia przesyłki.
card-never-by-phone = Proszę podać go tylko tutaj, przy drzwiach – nigdy przez telefon ani domofon.
card-who-may-receive = Z tym kodem paczkę może odebrać także domownik lub sąsiad.
card-without-code = Bez kodu muszę zabrać paczkę z powrotem. Przyjedziemy następnego dnia doręczeń, z nowym kodem.
