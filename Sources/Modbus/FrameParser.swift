/// The part of a Modbus/TCP header that names a frame (Modbus Messaging on TCP/IP V1.0b §3.1.3).
package struct MBAPHeader: Hashable, Sendable {
    package let transaction: UInt16
    package let unit: UInt8

    package init(transaction: UInt16, unit: UInt8) {
        self.transaction = transaction
        self.unit = unit
    }
}

/// A header that cannot begin a Modbus/TCP frame: the stream is out of step and only a new connection heals it.
package enum FramingViolation: Error, Hashable, Sendable {
    /// Protocol identifier; only 0 is Modbus.
    case protocolID(UInt16)
    /// Bytes that follow the length field, unit included; outside what the parser accepts.
    case length(UInt16)
}

extension FramingViolation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .protocolID(let id): "protocol id 0x\(id.hex) where Modbus/TCP has 0; the connection must be closed"
        case .length(let bytes): "frame length \(bytes) is outside 3...254; the connection must be closed"
        }
    }
}

/// Cuts a byte stream into Modbus/TCP frames, however it is fragmented. Keeps only a partial frame's bytes
/// (at most 259); a frame that lies whole in one read is handed on where it lies, without a copy.
///
/// It never searches for the next header: after a violation it repeats that violation until `reset()`.
package struct FrameParser: Sendable {
    /// Transaction, protocol and length; the length counts the bytes behind it.
    private static let prefixBytes = 6
    private static let headerBytes = 7

    private let lengths: ClosedRange<UInt16>
    private var partial: [UInt8] = []

    /// Accepts lengths of unit + PDU within `lengths`: 3...254 fits every reply (V1.0b §3.1.3, function + 1...252
    /// bytes); a server that wants to answer a bare function code accepts 2...254.
    package init(lengths: ClosedRange<UInt16> = 3...254) {
        precondition(lengths.lowerBound >= 2 && lengths.upperBound <= 254, "a frame has 2...254 bytes after its length")
        self.lengths = lengths
    }

    /// Bytes of an unfinished frame held back.
    package var partialBytes: Int { partial.count }

    /// Forgets an unfinished frame or a violation; for a new connection.
    package mutating func reset() { partial.removeAll(keepingCapacity: true) }

    /// Whether `bytes` are one frame and nothing else, with nothing held back before them: then no byte of it can be
    /// another frame's.
    package func isOneFrame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard partial.isEmpty, case .success(bytes.count) = frameBytes(in: bytes) else { return false }
        return true
    }

    /// Hands each complete frame to `frame`, in order; the PDU (function code onward) is valid during the call only.
    /// Frames before a violation are still delivered. Throws as soon as the bytes seen prove the violation.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer, frame: (MBAPHeader, _ pdu: UnsafeRawBufferPointer) -> Void
    ) throws(FramingViolation) {
        var rest = bytes[...]
        if !partial.isEmpty {
            complete(from: &rest, upTo: Self.prefixBytes)
            guard let frameBytes = try partial.withUnsafeBytes(frameBytes).get() else { return }
            complete(from: &rest, upTo: frameBytes)
            guard partial.count == frameBytes else { return }
            partial.withUnsafeBytes { Self.deliver($0, to: frame) }
            partial.removeAll(keepingCapacity: true)
        }
        while !rest.isEmpty {
            let stretch = UnsafeRawBufferPointer(rebasing: rest)
            switch frameBytes(in: stretch) {
            case .failure(let violation):
                partial.append(contentsOf: stretch.prefix(Self.prefixBytes))
                throw violation
            case .success(let frameBytes?) where frameBytes <= stretch.count:
                Self.deliver(UnsafeRawBufferPointer(rebasing: stretch[..<frameBytes]), to: frame)
                rest = rest.dropFirst(frameBytes)
            case .success:
                partial.append(contentsOf: stretch)
                return
            }
        }
    }

    /// Moves bytes to the partial frame until it has `count`, as far as they go.
    private mutating func complete(from rest: inout Slice<UnsafeRawBufferPointer>, upTo count: Int) {
        let missing = rest.prefix(max(0, count - partial.count))
        partial.append(contentsOf: missing)
        rest = rest.dropFirst(missing.count)
    }

    /// Bytes of the frame that starts `stretch`, or `nil` while its length field is incomplete.
    private func frameBytes(in stretch: UnsafeRawBufferPointer) -> Result<Int?, FramingViolation> {
        guard stretch.count >= 4 else {
            // The first protocol byte alone can already prove that this is no Modbus/TCP.
            guard stretch.count < 3 || stretch[2] == 0 else { return .failure(.protocolID(UInt16(stretch[2]) << 8)) }
            return .success(nil)
        }
        let protocolID = stretch.bigEndian(at: 2)
        guard protocolID == 0 else { return .failure(.protocolID(protocolID)) }
        guard stretch.count >= Self.prefixBytes else { return .success(nil) }
        let length = stretch.bigEndian(at: 4)
        return lengths.contains(length) ? .success(Self.prefixBytes + Int(length)) : .failure(.length(length))
    }

    private static func deliver(
        _ whole: UnsafeRawBufferPointer, to frame: (MBAPHeader, _ pdu: UnsafeRawBufferPointer) -> Void
    ) {
        let header = MBAPHeader(transaction: whole.bigEndian(at: 0), unit: whole[prefixBytes])
        frame(header, UnsafeRawBufferPointer(rebasing: whole[headerBytes...]))
    }
}

extension UnsafeRawBufferPointer {
    /// The 16-bit word at a byte offset, high byte first.
    func bigEndian(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
}

extension [UInt8] {
    /// Appends a word, high byte first.
    mutating func append(bigEndian word: UInt16) {
        append(UInt8(word >> 8))
        append(UInt8(truncatingIfNeeded: word))
    }

    /// Appends a Modbus/TCP header for a PDU of `pduBytes`.
    mutating func appendHeader(unit: UInt8, transaction: UInt16, pduBytes: Int) {
        append(bigEndian: transaction)
        append(bigEndian: 0)
        append(bigEndian: UInt16(1 + pduBytes))
        append(unit)
    }
}
