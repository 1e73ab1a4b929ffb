import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What office, customers and network do with a test backend, over HTTP like everybody.
@MainActor final class Office {
    private let url: String
    /// By their names; ``ada`` has the phone.
    private var couriers: [String: String] = [:]
    /// What the customers' pages have shown: six digits each, in their order.
    private var known: [String: [String]] = [:]
    private static let ada = "Ada"
    /// The last one that was published.
    private var route = ""
    private static let sender = "Feinwerk"

    init(url: String) { self.url = url }

    func hireAda() async throws { _ = try await courier(Self.ada) }

    /// Who is not there yet is hired.
    private func courier(_ name: String) async throws -> String {
        if let id = couriers[name] { return id }
        let id = try text(await ask("POST", "/v1/couriers", ["name": .text(name)]).body["id"])
        couriers[name] = id
        return id
    }

    /// A code that enrols one phone.
    func enrolment() async throws -> String {
        try text(await ask("POST", "/v1/couriers/\(courier(Self.ada))/enrolments", [:]).body["code"])
    }

    func setClock(ms: Int64) async throws {
        try await send(Request(path: .fixed("/test/clock"), body: ["now_ms": .number(Double(ms))], answer: .null))
    }

    func send(_ request: Request) async throws {
        let path = try await path(request.path)
        let body = try await addressed(request)
        let answer = try await ask(request.path == .order ? "PUT" : "POST", path, body)
        if request.path == .publish, let published = answer.body["route"].text { route = published }
        if request.answer == .null {
            guard answer.status < 300 else { throw Fault("\(path): \(answer.status) \(answer.body)") }
        } else if let difference = request.answer.difference(answer.shown, "answer") {
            throw Fault("\(path): \(difference)")
        }
    }

    /// With the backend's identifiers in the place of names.
    private func addressed(_ request: Request) async throws -> JSON {
        var members = request.body.members
        switch request.path {
        case .publish: members["courier"] = .text(try await courier(Self.ada))
        case .shipment(_, "reassign"):
            if let name = members["courier"]?.text { members["courier"] = .text(try await courier(name)) }
        case .order:
            var stops: [JSON] = []
            for name in members["order"]?.texts ?? [] { stops.append(try await newest(name)["stop"]) }
            members["order"] = .list(stops)
        default: break
        }
        return .object(members)
    }

    private func path(_ path: Request.Path) async throws -> String {
        switch path {
        case .fixed(let path): return path
        case .publish: return "/v1/routes/publish"
        case .order: return "/v1/routes/\(route)/order"
        case .page(let name, let form): return try await page(of: name) + "/\(form)"
        case .shipment(let name, let verb):
            return "/v1/shipments/\(try text(await shipment(name)["id"]))/\(verb)"
        case .attempt(let name, let verb):
            return "/v1/attempts/\(try text(await newest(name)["id"]))/\(verb)"
        }
    }

    func view(_ view: Deed.View) async throws -> JSON {
        switch view {
        case .page(let name): return try await look(name)
        case .shipment(let name): return try await shipment(name)
        case .totals: return try await get("/v1/totals")
        case .mails(let name):
            let about = JSON.text("\(name.lowercased())@customers.example")
            return .list(try await get("/test/mails").list.filter { $0["to"] == about }.map { $0["template"] })
        }
    }

    /// Six digits.
    func code(_ word: CodeWord, of name: String) async throws -> String {
        if case .text(let text) = word { return text }
        _ = try await look(name)
        let seen = known[name] ?? []
        let back = word == .old ? 1 : 0
        guard seen.count > back, let number = Int(seen[seen.count - 1 - back]) else {
            throw Fault("\(name) has not seen that code")
        }
        let digits = String((word == .wrong ? number + 1 : number) % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// What a camera reads of the code on a customer's page.
    func qr(of name: String) async throws -> String { try text(await look(name)["code"]["qr"]) }

    private func look(_ name: String) async throws -> JSON {
        let page = try await get(page(of: name))
        if let digits = page["code"]["digits"].text, known[name]?.last != digits {
            known[name, default: []].append(digits)
        }
        return page
    }

    private func page(of name: String) async throws -> String {
        let link = try text(await shipment(name)["tracking"])
        guard let path = link.range(of: "/t/") else { throw Fault("\(link) is no tracking page") }
        return String(link[path.lowerBound...])
    }

    private func newest(_ name: String) async throws -> JSON {
        try await shipment(name)["attempts"].list.last ?? .null
    }

    private func shipment(_ name: String) async throws -> JSON {
        try await get("/v1/shipments/\(name)?sender=\(Self.sender)")
    }

    private func get(_ path: String) async throws -> JSON {
        let answer = try await ask("GET", path, nil)
        guard answer.status < 300 else { throw Fault("\(path): \(answer.status) \(answer.body)") }
        return answer.body
    }

    private struct Answer {
        let status: Int
        let body: JSON
        /// As a step shows it.
        var shown: JSON {
            let problem = body["type"]
            let said: [String: JSON] = problem == .null ? ["body": body] : ["problem": problem]
            return .object(said.merging(["status": .number(Double(status))]) { $1 })
        }
    }

    private func ask(_ method: String, _ path: String, _ body: JSON?) async throws -> Answer {
        guard let address = URL(string: url + path) else { throw Fault("\(path) is no path") }
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.setValue("Bearer \(Launch.opsKey)", forHTTPHeaderField: "authorization")
        request.setValue("application/json", forHTTPHeaderField: "accept")
        if let body {
            request.setValue("application/json", forHTTPHeaderField: "content-type")
            request.httpBody = try JSONEncoder().encode(body)
        }
        let (bytes, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        return Answer(status: status, body: (try? JSONDecoder().decode(JSON.self, from: bytes)) ?? .null)
    }

    private func text(_ value: JSON) throws -> String {
        guard let text = value.text else { throw Fault("\(value) is no text") }
        return text
    }
}
