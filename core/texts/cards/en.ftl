card-language = English
card-title = Your delivery
card-parcels = { $n ->
    [one] One parcel for you.
   *[other] { $n } parcels for you.
}
card-code = Please tell me your six-digit code, or show me the QR code.
card-where = You find it in the e-mail from the shop and on the tracking page.
card-never-by-phone = Tell it only here at the door – never by phone or intercom.
card-who-may-receive = Somebody of your household or a neighbour may receive it with this code.
card-without-code = Without the code I have to take the parcel back. We come again on the next delivery day, with a new code.
