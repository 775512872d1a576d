/// Bytes that do not continue a serial frame. A serial frame has no header to find again: the connection must be
/// closed, and what was asked counts as unanswered.
package enum RTUViolation: Error, Hashable, Sendable {
    /// Bytes came although nothing was asked, or more than what was asked.
    case unasked(UInt8)
    /// Another unit's frame.
    case unit(UInt8, expected: UInt8)
    /// The function code answers another request.
    case function(UInt8, expected: UInt8)
    /// The byte count is not that of the words asked for.
    case byteCount(UInt8, expected: UInt8)
    case checksum(UInt16, expected: UInt16)
    /// A request whose length cannot be known.
    case unknownFunction(UInt8)
    /// A request longer than the 256 bytes of a serial frame.
    case tooLong(Int)
}

extension RTUViolation: CustomStringConvertible {
    package var description: String { "\(fact); the connection must be closed" }

    private var fact: String {
        switch self {
        case .unasked(let byte): "byte 0x\(byte.hex) that nobody asked for"
        case .unit(let unit, let expected): "unit \(unit) where \(expected) was asked"
        case .function(let code, let expected): "function code \(code) where \(expected) was asked"
        case .byteCount(let count, let expected): "byte count \(count) where \(expected) was asked"
        case .checksum(let found, let expected): "checksum 0x\(found.hex) where the bytes give 0x\(expected.hex)"
        case .unknownFunction(let code): "function code \(code), whose frame has no known length"
        case .tooLong(let bytes): "a request of \(bytes) bytes where a serial frame has at most 256"
        }
    }
}

/// Cuts the replies out of a serial line's bytes (RTU, also when a gateway passes it through TCP unchanged), for a
/// client that has one request in flight and says which. Parallel to `FrameParser`: it keeps a partial reply's bytes
/// only (at most 255) and hands on a whole one where it lies.
///
/// A serial frame has no transaction, so everything must fit what was asked, each byte as soon as it comes. It never
/// searches for the next frame: after a violation it repeats that violation until `reset()`. A late reply cannot be
/// told from the next one: after a time-out close the connection too.
package struct RTUFrameParser: Sendable {
    /// Unit, function, code, checksum.
    private static let exceptionBytes = 5

    private var partial: [UInt8] = []
    private var asked: (unit: UInt8, range: WordRange)?
    private var violation: RTUViolation?

    package init() {}

    /// Bytes of an unfinished reply held back.
    package var partialBytes: Int { partial.count }

    /// A reply is due and has not come yet.
    package var isWaiting: Bool { asked != nil }

    /// The request just sent. There must be none in flight.
    package mutating func expect(_ range: WordRange, from unit: UInt8) {
        precondition(asked == nil && partial.isEmpty, "one request in flight")
        asked = (unit, range)
    }

    /// Forgets the request in flight, an unfinished reply or a violation; for a new connection.
    package mutating func reset() {
        partial.removeAll(keepingCapacity: true)
        asked = nil
        violation = nil
    }

    /// Hands the reply on as soon as it is whole; the PDU (function code onward) is valid during the call only and is
    /// for `WordRange.reply`. A reply before a violation is still delivered.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer, frame: (_ unit: UInt8, _ pdu: UnsafeRawBufferPointer) -> Void
    ) throws(RTUViolation) {
        if let violation { throw violation }
        do throws(RTUViolation) {
            try take(bytes, frame: frame)
        } catch {
            violation = error
            throw error
        }
    }

    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, frame: (UInt8, UnsafeRawBufferPointer) -> Void
    ) throws(RTUViolation) {
        var rest = bytes[...]
        if !partial.isEmpty, let asked {
            while let next = rest.first, partial.count < 3 {
                partial.append(next)
                rest = rest.dropFirst()
            }
            let frameBytes = try partial.withUnsafeBytes { Self.frameBytes(in: $0, asked) }.get()
            guard let frameBytes else { return }
            let missing = rest.prefix(frameBytes - partial.count)
            partial.append(contentsOf: missing)
            rest = rest.dropFirst(missing.count)
            guard partial.count == frameBytes else { return }
            self.asked = nil
            try partial.withUnsafeBytes { Self.deliver($0, to: frame) }.get()
            partial.removeAll(keepingCapacity: true)
        }
        if let asked, !rest.isEmpty {
            let stretch = UnsafeRawBufferPointer(rebasing: rest)
            guard let frameBytes = try Self.frameBytes(in: stretch, asked).get(), frameBytes <= stretch.count else {
                partial.append(contentsOf: stretch)
                return
            }
            self.asked = nil
            try Self.deliver(UnsafeRawBufferPointer(rebasing: stretch[..<frameBytes]), to: frame).get()
            rest = rest.dropFirst(frameBytes)
        }
        if let byte = rest.first { throw .unasked(byte) }
    }

    /// Bytes of the reply that starts `stretch`; `nil` while they cannot be known.
    private static func frameBytes(
        in stretch: UnsafeRawBufferPointer, _ asked: (unit: UInt8, range: WordRange)
    ) -> Result<Int?, RTUViolation> {
        guard let unit = stretch.first else { return .success(nil) }
        guard unit == asked.unit else { return .failure(.unit(unit, expected: asked.unit)) }
        guard stretch.count >= 2 else { return .success(nil) }
        let function = asked.range.function.rawValue
        if stretch[1] == function | 0x80 { return .success(exceptionBytes) }
        guard stretch[1] == function else { return .failure(.function(stretch[1], expected: function)) }
        guard stretch.count >= 3 else { return .success(nil) }
        let expected = asked.range.replyBytes
        guard stretch[2] == expected else { return .failure(.byteCount(stretch[2], expected: expected)) }
        return .success(3 + Int(expected) + RTUChecksum.byteCount)
    }

    private static func deliver(
        _ whole: UnsafeRawBufferPointer, to frame: (UInt8, UnsafeRawBufferPointer) -> Void
    ) -> Result<Void, RTUViolation> {
        if let fault = whole.checksumFault() {
            return .failure(.checksum(fault.found, expected: fault.expected))
        }
        frame(whole[0], UnsafeRawBufferPointer(rebasing: whole[1..<whole.count - RTUChecksum.byteCount]))
        return .success(())
    }
}

extension UInt8 {
    /// Two upper-case hexadecimal digits.
    package var hex: String {
        let digits = String(self, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
