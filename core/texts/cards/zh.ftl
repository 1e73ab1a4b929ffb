card-language = 中文
card-title = 您的快递
card-parcels = { $n ->
   *[other] 您有 { $n } 个包裹。
}
card-code = 请告诉我您的六位数验证码，或出示二维码。
card-where = 您可以在商店发来的电子邮件和物流查询页面上找到它。
card-never-by-phone = 请只在门口当面告诉我，切勿通过电话或对讲机告知。
card-who-may-receive = 您的家人或邻居也可以凭此验证码代收。
card-without-code = 没有验证码，我必须把包裹带回。我们会在下一个派送日再次上门，届时您会收到新的验证码。
