import MeterFleet
import Metering
import Modbus

/// The gateways: their wires are let loose, and what they say goes through what the network makes of answers.
extension Rehearsal {
    // MARK: - What the network brings

    func reachedGateway(_ site: Int, _ number: UInt64, _ arrival: Arrival) {
        guard let position = field[site].position(of: number) else { return }
        switch arrival {
        case .connection: accept(site, number)
        case .refusal: break
        case .bytes(let bytes):
            guard field[site].links[position].isOpenAtGateway, !field[site].links[position].isCut,
                let connection = field[site].links[position].connection
            else { return }
            field[site].links[position].lastUse = now
            noteRequests(bytes, site, position)
            bytes.withUnsafeBytes { fieldHappens(.received(connection, $0), site) }
            if let pause = world.sites[site].idleClose {
                add(.idleCheck(site: site, link: number, since: now), at: now + pause.microseconds * 1000)
            }
        case .end:
            if field[site].links[position].isOpenAtGateway, let connection = field[site].links[position].connection {
                field[site].links[position].isOpenAtGateway = false
                fieldHappens(.closed(connection), site)
            }
            forgetIfOver(site, number)
        }
    }

    private func accept(_ site: Int, _ number: UInt64) {
        guard let position = field[site].position(of: number) else { return }
        switch field[site].manners.reach {
        case .open: break
        case .blackHole:
            field[site].links[position].isCut = true
            return
        case .refused: return refuse(site, number)
        }
        guard field[site].isListening else { return refuse(site, number) }
        field[site].connectionCount += 1
        let connection = ConnectionNumber(field[site].connectionCount)
        field[site].links[position].connection = connection
        field[site].links[position].isOpenAtGateway = true
        let manners = field[site].manners
        let delay = field[site].delay()
        let at = now + delay
        field[site].links[position].arrivalAtHeadEnd = at
        add(.reachesHeadEnd(site: site, link: number, .connection), at: at)
        fieldHappens(.opened(connection), site)
        if field[site].happens(manners.garbage) {
            deliver(
                (0..<field[site].random.number(in: 1...20)).map { _ in UInt8(field[site].random.number(in: 0...255)) },
                site, number)
        }
    }

    private func refuse(_ site: Int, _ number: UInt64) {
        let delay = field[site].delay()
        add(.reachesHeadEnd(site: site, link: number, .refusal), at: now + delay)
    }

    /// An answer that was held back leaves, unless its connection has gone.
    func release(_ bytes: [UInt8], _ site: Int, _ number: UInt64) {
        guard let position = field[site].position(of: number), field[site].links[position].isOpenAtGateway else {
            return
        }
        deliver(bytes, site, number)
    }

    /// The gateway hangs up on a line that was idle for its liking.
    func closeIfIdle(_ site: Int, _ number: UInt64, since: Int64) {
        guard let position = field[site].position(of: number), field[site].links[position].lastUse == since,
            field[site].links[position].isOpenAtGateway, let connection = field[site].links[position].connection
        else { return }
        fieldHappens(.closed(connection), site)
        closeFromGateway(site, number, isReset: false)
    }

    // MARK: - The wire

    func fieldHappens(_ event: GatewayWire.Event, _ site: Int) {
        fieldActions.removeAll()
        field[site].wire.handle(event, at: UInt64(now), civil: civil, into: &fieldActions)
        for step in fieldActions.steps {
            switch step {
            case .send(let connection, let range):
                if let link = field[site].number(of: connection) {
                    answered(Array(fieldActions.bytes[range]), site, link)
                }
            case .close(let connection):
                if let link = field[site].number(of: connection) { closeFromGateway(site, link, isReset: false) }
            case .reset(let connection):
                if let link = field[site].number(of: connection) { closeFromGateway(site, link, isReset: true) }
            case .refuse(let connection):
                guard let link = field[site].number(of: connection) else { continue }
                if let position = field[site].position(of: link) {
                    field[site].links[position].isOpenAtGateway = false
                }
                refuse(site, link)
            case .listen(let isOpen): field[site].isListening = isOpen
            }
        }
        wakeField(site)
    }

    private func wakeField(_ site: Int) {
        let wake = field[site].wire.wake()
        var at = wake.nanoseconds.map { Int64(clamping: $0) } ?? .max
        if let civil = wake.civil { at = min(at, nanoseconds(at: civil)) }
        at = max(now, at)
        guard at < .max, at < field[site].wakeAt || field[site].wakeAt <= now else { return }
        field[site].wakeAt = at
        add(.gateway(site: site), at: at)
    }

    // MARK: - What is kept of it

    /// The requests that the gateway has received, as it reads them.
    private func noteRequests(_ bytes: [UInt8], _ site: Int, _ position: Int) {
        for frame in Self.cut(bytes, with: &field[site].links[position].requests) {
            field[site].links[position].remember(frame.header)
        }
    }

    /// The frames that `bytes` complete. A stream out of step brings none from there on.
    private static func cut(
        _ bytes: [UInt8], with parser: inout FrameParser
    ) -> [(header: MBAPHeader, pdu: [UInt8])] {
        var frames: [(header: MBAPHeader, pdu: [UInt8])] = []
        bytes.withUnsafeBytes { bytes in
            do { try parser.consume(bytes) { frames.append(($0, Array($1))) } } catch { return }
        }
        return frames
    }

    private func answered(_ bytes: [UInt8], _ site: Int, _ number: UInt64) {
        guard let position = field[site].position(of: number), !field[site].links[position].isCut else { return }
        noteAnswers(bytes, site, position)
        let manners = field[site].manners
        if breaks(manners, site, number) { return }
        guard manners.touchesAnswers, let frames = Self.frames(in: bytes) else {
            return deliver(bytes, site, number)
        }
        for frame in frames { tamper(frame, manners, site, number) }
    }

    private func noteAnswers(_ bytes: [UInt8], _ site: Int, _ position: Int) {
        let frames = Self.cut(bytes, with: &field[site].links[position].answers)
        let outstanding = field[site].links[position].outstanding
        for frame in frames {
            let isAsked = outstanding.contains {
                $0.transaction == frame.header.transaction && $0.unit == frame.header.unit
            }
            if isAsked { record.wire.note(site: site, frame.header, frame.pdu, at: civil) }
        }
    }

    /// Whole frames, or `nil` where the bytes are none.
    static func frames(in bytes: [UInt8]) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            guard start + 7 < bytes.count, bytes[start + 2] == 0, bytes[start + 3] == 0 else { return nil }
            let end = start + 6 + Int(bytes[start + 4]) << 8 + Int(bytes[start + 5])
            guard end <= bytes.count else { return nil }
            frames.append(Array(bytes[start..<end]))
            start = end
        }
        return frames
    }
}
