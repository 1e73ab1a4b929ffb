#if canImport(Darwin)
    import CourierCore
    import Darwin
    import Foundation

    /// The phone's clocks: the wall clock as it is set, and `mach_continuous_time`, which goes on while the phone sleeps.
    public final class BootClock: CourierCore.Clock, Sendable {
        private let numer: UInt64
        private let denom: UInt64

        public init() throws {
            var base = mach_timebase_info_data_t()
            guard mach_timebase_info(&base) == KERN_SUCCESS, base.denom > 0 else { throw PortError.Failed }
            (numer, denom) = (UInt64(base.numer), UInt64(base.denom))
        }

        public func wallMs() throws -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

        public func bootMs() throws -> UInt64 {
            // Ticks times 125 over 3 on today's phones: 64 bits do not overflow for decades of uptime, 128 never.
            let wide = mach_continuous_time().multipliedFullWidth(by: numer)
            let nanoseconds = denom.dividingFullWidth((wide.high % denom, wide.low)).quotient
            return nanoseconds / 1_000_000
        }

        /// `kern.bootsessionuuid`: another after every restart.
        public func bootId() throws -> String {
            var size = 0
            guard sysctlbyname("kern.bootsessionuuid", nil, &size, nil, 0) == 0, size > 1 else {
                throw PortError.Failed
            }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname("kern.bootsessionuuid", &bytes, &size, nil, 0) == 0 else { throw PortError.Failed }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
#endif
