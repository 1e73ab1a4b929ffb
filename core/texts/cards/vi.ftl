card-language = Tiếng Việt
card-title = Giao hàng cho bạn
card-parcels = { $n ->
   *[other] { $n } kiện hàng cho bạn.
}
card-code = Xin cho tôi biết mã sáu chữ số của bạn hoặc cho tôi xem mã QR.
card-where = Bạn tìm thấy mã trong e-mail của cửa hàng và trên trang theo dõi đơn hàng.
card-never-by-phone = Chỉ nói mã tại đây, ngay trước cửa – không bao giờ qua điện thoại hay chuông cửa.
card-who-may-receive = Người trong nhà hoặc hàng xóm cũng có thể nhận hàng bằng mã này.
card-without-code = Không có mã, tôi phải mang kiện hàng về. Chúng tôi sẽ quay lại vào ngày giao hàng tiếp theo với mã mới.
