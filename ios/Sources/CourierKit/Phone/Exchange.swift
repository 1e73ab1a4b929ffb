import CourierCore

/// What an exchange with the server brought.
public struct Exchange: Sendable {
    public let report: SyncReport
    /// Photos and signatures that still wait here.
    public let files: UInt64

    public init(report: SyncReport, files: UInt64) {
        (self.report, self.files) = (report, files)
    }

    /// Whether it did not work.
    public var failed: Bool { report.offline || report.error != nil }
    /// Whether nothing of the day is on this phone alone any more.
    public var isEnough: Bool { !failed && report.pending == 0 && files == 0 }
}
