import Metering
import Modbus

/// How a finished answer travels: late, in company, in pieces, or cut short.
extension GatewayWire {
    mutating func deliver(
        _ frame: [UInt8], of request: Request, _ hits: [Hit], at moment: WireMoment, into actions: inout Actions
    ) {
        let connection = request.connection
        guard let position = lines.position(of: connection) else { return }
        lines[position].state.lastFrame = frame
        let isSerial = hits.contains { $0.kind == .rtuFrames }
        let bytes = isSerial ? SerialFrame.make(from: frame) : encoded(frame)
        for hit in hits {
            switch hit.kind {
            case .lateReply(.milliseconds(let milliseconds)):
                return due.insert(.send(connection, bytes), due: moment.after(milliseconds: milliseconds))
            case .lateReply(.beside(let side)):
                return lines[position].state.held.append(
                    HeldAnswer(unit: request.header.unit, bytes: bytes, side: side))
            default: break
            }
        }
        let late = lines[position].state.held.filter { $0.unit != request.header.unit }
        lines[position].state.held.removeAll { $0.unit != request.header.unit }
        let foreign = foreignFrames(hits, frame, request)
        for held in late where held.side == .before { put(held.bytes, on: connection, at: moment, into: &actions) }
        for held in foreign where held.side == .before { put(held.bytes, on: connection, at: moment, into: &actions) }
        shape(bytes, of: request, hits, at: moment, into: &actions)
        for held in foreign + late where held.side == .after {
            put(held.bytes, on: connection, at: moment, into: &actions)
        }
    }

    /// Frames nobody asked for: like the answer they stand beside, but of a transaction that is not under way, and with
    /// words of their own.
    private func foreignFrames(_ hits: [Hit], _ frame: [UInt8], _ request: Request) -> [HeldAnswer] {
        hits.compactMap { hit in
            guard case .foreignReply(let side, let unit) = hit.kind else { return nil }
            var foreign = frame
            let transaction = request.header.transaction ^ UInt16(hit.chance.of(1).number(in: 0x4000...0x7FFF))
            foreign[0] = UInt8(transaction >> 8)
            foreign[1] = UInt8(transaction & 0xFF)
            if let unit { foreign[6] = unit }
            if frame[7] & 0x80 == 0 {
                for offset in 9..<frame.count {
                    foreign[offset] = UInt8(hit.chance.of(Int64(offset)).number(in: 0...255))
                }
            }
            return HeldAnswer(unit: foreign[6], bytes: encoded(foreign), side: side)
        }
    }

    /// Sends the answer itself as the first fault of its shape has it.
    private mutating func shape(
        _ bytes: [UInt8], of request: Request, _ hits: [Hit], at moment: WireMoment, into actions: inout Actions
    ) {
        let connection = request.connection
        guard let position = lines.position(of: connection) else { return }
        var bytes = bytes
        if let joined = lines[position].state.joined {
            lines[position].state.joined = nil
            return put(joined.bytes + bytes, on: connection, at: moment, into: &actions)
        }
        for hit in hits {
            switch hit.kind {
            case .resetMidReply(let count):
                put(Array(bytes.prefix(count)), on: connection, at: moment, into: &actions)
                lines.remove(connection)
                return actions.add(.reset(connection))
            case .missingLastByte(let then):
                bytes.removeLast()
                put(bytes, on: connection, at: moment, into: &actions)
                if then == .silence { lines[position].state.isMute = true }
                return
            case .pieces(let gap):
                return putPieces(bytes, gapMilliseconds: gap, on: connection, at: moment, into: &actions)
            case .joinedReplies(.copy):
                return put(bytes + bytes, on: connection, at: moment, into: &actions)
            case .joinedReplies(.next(let hold)):
                lines[position].state.joined = (bytes, request.ordinal)
                return due.insert(
                    .sendJoined(connection, ordinal: request.ordinal), due: moment.after(milliseconds: hold))
            default: break
            }
        }
        put(bytes, alone: !hits.isEmpty, on: connection, at: moment, into: &actions)
    }

    private mutating func putPieces(
        _ bytes: [UInt8], gapMilliseconds: Int, on connection: ConnectionNumber, at moment: WireMoment,
        into actions: inout Actions
    ) {
        guard gapMilliseconds > 0 else {
            for byte in bytes { put([byte], on: connection, at: moment, into: &actions) }
            return
        }
        guard let position = lines.position(of: connection) else { return }
        var time = max(moment.nanoseconds, lines[position].state.sendableAt)
        for byte in bytes {
            due.insert(.send(connection, [byte]), due: time)
            time += UInt64(gapMilliseconds) * 1_000_000
        }
        lines[position].state.sendableAt = time
    }

    /// Sends bytes now, or behind those still under way on this connection.
    mutating func put(
        _ bytes: [UInt8], alone: Bool = true, on connection: ConnectionNumber, at moment: WireMoment,
        into actions: inout Actions
    ) {
        guard let position = lines.position(of: connection), !bytes.isEmpty else { return }
        let sendableAt = lines[position].state.sendableAt
        if sendableAt > moment.nanoseconds {
            due.insert(.send(connection, bytes), due: sendableAt)
        } else {
            actions.addSegment(bytes, alone: alone, to: connection)
        }
    }
}
