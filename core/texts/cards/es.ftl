card-language = Español
card-title = Su entrega
card-parcels = { $n ->
    [one] Un paquete para usted.
   *[other] { $n } paquetes para usted.
}
card-code = Por favor, dígame su código de seis cifras o muéstreme el código QR.
card-where = Lo encuentra en el correo electrónico de la tienda y en la página de seguimiento.
card-never-by-phone = Dígalo solo aquí, en la puerta; nunca por teléfono ni por el portero automático.
card-who-may-receive = Con este código también puede recibirlo alguien de su casa o un vecino.
card-without-code = Sin el código tengo que llevarme el paquete. Volvemos el próximo día de reparto, con un código nuevo.
