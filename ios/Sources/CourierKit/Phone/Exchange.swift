import CourierCore

/// What an exchange with the server brought.
extension SyncReport {
    /// Whether it did not work.
    public var failed: Bool { offline || error != nil }
    /// Whether nothing of the day is on this phone alone any more.
    public var isEnough: Bool { !failed && pending == 0 && files == 0 }
}
