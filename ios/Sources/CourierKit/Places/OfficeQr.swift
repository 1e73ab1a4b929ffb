/// What the office's QR for a new phone says: its server and a code, a line each.
struct OfficeQr: Equatable {
    let server: String
    let code: String

    /// Nothing for any other QR. Whether server and code are good is for the core and the server to say.
    init?(reading text: String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard let first = lines.firstIndex(where: { !$0.isEmpty }), let last = lines.lastIndex(where: { !$0.isEmpty }),
            last == first + 1
        else { return nil }
        (server, code) = (lines[first], lines[last])
    }
}
