card-language = Türkçe
card-title = Teslimatınız
card-parcels = { $n ->
    [one] Size bir paket var.
   *[other] Size { $n } paket var.
}
card-code = Lütfen altı haneli kodunuzu söyleyin veya QR kodunu gösterin.
card-where = Kodu mağazanın e-postasında ve takip sayfasında bulursunuz.
card-never-by-phone = Kodu yalnızca burada, kapıda söyleyin – asla telefonda veya diafonda söylemeyin.
card-who-may-receive = Bu kodla evinizden biri veya bir komşunuz da teslim alabilir.
card-without-code = Kod olmadan paketi geri götürmek zorundayım. Bir sonraki teslimat gününde yeni bir kodla tekrar geliriz.
