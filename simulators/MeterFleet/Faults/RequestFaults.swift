import Metering
import Modbus

extension GatewayWire {
    /// A fault that a request meets, with a chance of its own for whatever else must be drawn.
    struct Hit: Sendable {
        let kind: FaultKind
        let chance: Chance
    }

    /// The faults that one request meets at a moment, in the order of the fleet file.
    func hits(_ request: Request, at moment: WireMoment) -> [Hit] {
        perils.compactMap { peril in
            guard peril.fault.concerns(request.header.unit), isOpen(peril, at: moment) else { return nil }
            let chance = peril.chance.of(Int64(bitPattern: request.connection.rawValue))
                .of(Int64(bitPattern: request.ordinal))
            return peril.fault.schedule.happens(chance) ? Hit(kind: peril.fault.kind, chance: chance.of(0)) : nil
        }
    }

    // MARK: - Taking in

    /// Takes a request in, unless a fault loses it, and decides when it is answered.
    mutating func admit(_ request: Request, at moment: WireMoment) {
        guard let position = lines.position(of: request.connection) else { return }
        lines[position].state.requestCount += 1
        var request = request
        request.ordinal = lines[position].state.requestCount
        let hits = hits(request, at: moment)
        for hit in hits {
            switch hit.kind {
            case .silentAfter(let requests, let milliseconds):
                if isSilent(position, after: requests, milliseconds, at: moment) { return }
            case .pauseNeeded(let milliseconds, let sooner):
                guard isTooSoon(milliseconds, at: moment) else { continue }
                if sooner == .lost { return }
                let last = lines[position].state.lastFrame
                guard !last.isEmpty else { return }
                let again = sooner == .previousFrame ? last : Self.frame(last, for: request.header)
                return due.insert(
                    .send(request.connection, encoded(again)), due: latency.due(arrived: moment.nanoseconds))
            default: break
            }
        }
        due.insert(.answer(request), due: dueTime(of: request, hits, at: moment))
        lines[position].waitingCount += 1
    }

    private mutating func isSilent(
        _ position: Int, after requests: Int, _ milliseconds: Int?, at moment: WireMoment
    ) -> Bool {
        if lines[position].state.silentUntil > moment.nanoseconds { return true }
        guard lines[position].state.requestsSinceSilence >= requests else {
            lines[position].state.requestsSinceSilence += 1
            return false
        }
        lines[position].state.requestsSinceSilence = 0
        lines[position].state.silentUntil = milliseconds.map { moment.after(milliseconds: $0) } ?? .max
        return true
    }

    /// Whether a request comes before the meters behind this gateway have rested since their last answer: while one
    /// is still to be given, or too shortly after it.
    private func isTooSoon(_ milliseconds: Int, at moment: WireMoment) -> Bool {
        if (0..<lines.count).contains(where: { lines[$0].waitingCount > 0 }) { return true }
        guard let lastAnswer else { return false }
        return moment.nanoseconds < lastAnswer + UInt64(milliseconds) * 1_000_000
    }

    private mutating func dueTime(of request: Request, _ hits: [Hit], at moment: WireMoment) -> UInt64 {
        let arrived = moment.nanoseconds
        for hit in hits {
            switch hit.kind {
            case .silence(let milliseconds?), .exception(_, let milliseconds?):
                return latency.due(arrived: arrived, taking: UInt64(milliseconds) * 1_000_000)
            case .slowHistory(let milliseconds, let holdsBus) where isHistory(request, at: moment):
                return holdsBus
                    ? latency.due(arrived: arrived, taking: UInt64(milliseconds) * 1_000_000)
                    : moment.after(milliseconds: milliseconds)
            default: break
            }
        }
        return latency.due(arrived: arrived)
    }

    /// Whether a request asks for what a meter has kept of past days: frozen days, or any record of a file.
    private func isHistory(_ request: Request, at moment: WireMoment) -> Bool {
        if request.pdu.first == 0x14 { return true }
        guard case .success(let range) = request.pdu.withUnsafeBytes(ServerPDU.parse),
            let meter = gateway.meter(request.header.unit, at: moment.local)
        else { return false }
        return meter.model.isFrozen(range)
    }

    // MARK: - Doing

    /// Does everything that is due by now.
    mutating func doDue(at moment: WireMoment, into actions: inout Actions) {
        while let deed = due.removeDue(at: moment.nanoseconds) {
            switch deed {
            case .answer(let request):
                guard let position = lines.position(of: request.connection) else { continue }
                lines[position].waitingCount -= 1
                guard !lines[position].state.isMute else { continue }
                let hits = hits(request, at: moment)
                guard let frame = frame(for: request, hits, at: moment, &actions.words) else { continue }
                lastAnswer = moment.nanoseconds
                deliver(frame, of: request, hits, at: moment, into: &actions)
            case .send(let connection, let bytes):
                guard let position = lines.position(of: connection), !lines[position].state.isMute else { continue }
                actions.addSegment(bytes, alone: true, to: connection)
            case .sendJoined(let connection, let ordinal):
                guard let position = lines.position(of: connection), !lines[position].state.isMute,
                    let joined = lines[position].state.joined, joined.ordinal == ordinal
                else { continue }
                lines[position].state.joined = nil
                put(joined.bytes, on: connection, at: moment, into: &actions)
            }
        }
    }

    /// A Modbus/TCP frame as this gateway's transport sends it.
    func encoded(_ frame: [UInt8]) -> [UInt8] {
        switch gateway.transport {
        case .tcp: frame
        case .rtuOverTCP: SerialFrame.make(from: frame)
        }
    }

    /// A frame that was made for one request, as if for another.
    private static func frame(_ frame: [UInt8], for header: MBAPHeader) -> [UInt8] {
        var frame = frame
        frame.replaceSubrange(0..<2, with: [UInt8(header.transaction >> 8), UInt8(header.transaction & 0xFF)])
        frame[6] = header.unit
        return frame
    }
}
