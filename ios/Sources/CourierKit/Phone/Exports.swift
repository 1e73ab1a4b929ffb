import Foundation

/// What couriers who left this phone could not send: sealed files for the office. Each has a name of its own, so that none is
/// written over that the office does not have yet. They stay until a person deletes them.
struct Exports {
    let folder: URL

    /// The newest one.
    var newest: URL? { count > 0 ? file(count) : nil }

    /// Where the next one goes.
    func next() throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return file(count + 1)
    }

    private func file(_ number: Int) -> URL { folder.appending(path: "\(Self.name)\(number).json") }

    /// The highest number that there is.
    private var count: Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let ours = names.filter { $0.hasPrefix(Self.name) }
        return ours.compactMap { Int($0.dropFirst(Self.name.count).prefix { $0 != "." }) }.max() ?? 0
    }

    private static let name = "courier-export-"
}
