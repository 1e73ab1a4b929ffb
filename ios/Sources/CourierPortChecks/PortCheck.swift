import CourierCore
import Foundation

/// A promise that an implementation of a port did not keep.
public struct PortFault: Error, CustomStringConvertible, Sendable {
    public let description: String
}

/// One promise of a port, named as a sentence. `run` gets a fresh port each time and throws a ``PortFault``, or what the
/// port itself threw, if the promise is not kept. It needs no test framework, so that it runs on a device too.
public struct PortCheck<Port>: Sendable, CustomStringConvertible {
    public let name: String
    private let check: @Sendable (Port) throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (Port) throws -> Void) {
        (self.name, self.check) = (name, check)
    }

    public var description: String { name }

    public func run(_ port: Port) throws { try check(port) }
}

func expect(_ kept: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !kept { throw PortFault(description: otherwise()) }
}
