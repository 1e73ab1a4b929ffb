card-language = Português
card-title = A sua entrega
card-parcels = { $n ->
    [one] Uma encomenda para si.
   *[other] { $n } encomendas para si.
}
card-code = Por favor, diga-me o seu código de seis dígitos ou mostre-me o código QR.
card-where = Encontra-o no e-mail da loja e na página de seguimento.
card-never-by-phone = Diga-o só aqui à porta – nunca por telefone nem pelo intercomunicador.
card-who-may-receive = Com este código, alguém de sua casa ou um vizinho também pode receber.
card-without-code = Sem o código tenho de levar a encomenda de volta. Voltamos no próximo dia de entrega, com um novo código.
