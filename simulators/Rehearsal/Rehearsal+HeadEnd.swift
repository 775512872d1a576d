import HeadEnd
import Metering

/// The duties of a shard: let the conversations decide, perform what they say, look again in time.
extension Rehearsal {
    func look(_ site: Int) {
        guard lines[site].wakeAt == now else { return }
        lines[site].wakeAt = .max
        mayAsk = !outcomes.isFull(world.daemon)
        handle(.wake, site)
    }

    /// Lets the conversation decide and performs what it says.
    func handle(_ event: GatewayConversation.Event, _ site: Int) {
        countDaemonEvent()
        actions.removeAll()
        lines[site].conversation.handle(event, at: moment, mayAsk: mayAsk, into: &actions)
        record.limits.look(at: lines[site].conversation, after: figures.events)
        if trace != nil { tellActions(site) }
        if !actions.outcomes.isEmpty { append(actions.outcomes) }
        if actions.close != nil { hangUp(site) }
        if !actions.bytes.isEmpty {
            figures.requests += actions.bytes.count / 12
            send(actions.bytes, toGatewayOf: site)
        }
        if actions.shouldConnect { connect(site) }
        plan(site)
        if isStopping { endStopIfQuiet() }
    }

    private func tellActions(_ site: Int) {
        let name = world.sites[site].row.name
        for outcome in actions.outcomes {
            switch outcome.result {
            case .success(let readings):
                let told = readings.map { "\($0.register.name) \($0.index)" }.joined(separator: ", ")
                tell("\(name) unit \(outcome.unit): \(outcome.transaction) \(told)")
            case .failure(let failure): tell("\(name) unit \(outcome.unit): \(outcome.transaction) \(failure)")
            }
        }
        if let why = actions.close { tell("\(name): the head-end closes: \(why)") }
        for frame in Self.frames(in: actions.bytes) ?? [] {
            tell("\(name): asks \(frame.map { String($0, radix: 16) }.joined(separator: " "))")
        }
        if actions.shouldConnect { tell("\(name): connects") }
    }

    /// The connection is over for the head-end, whatever the gateway thinks of it.
    func hangUp(_ site: Int) {
        guard let link = lines[site].link else { return }
        lines[site].link = nil
        lines[site].isConnected = false
        closeFromHeadEnd(site, link)
    }

    // MARK: - What the network brings

    func reachedHeadEnd(_ site: Int, _ number: UInt64, _ arrival: Arrival) {
        guard store != nil, lines.indices.contains(site), lines[site].link == number else {
            return forgetIfOver(site, number)
        }
        switch arrival {
        case .connection:
            lines[site].isConnected = true
            handle(.connected, site)
        case .refusal:
            drop(site, number)
            handle(.connectFailed("connection refused"), site)
        case .bytes(let bytes):
            figures.mix(bytes.withUnsafeBytes(Self.digest))
            bytes.withUnsafeBytes { handle(.received($0), site) }
        case .end(let isReset):
            let wasConnected = lines[site].isConnected
            drop(site, number)
            let why = isReset ? "connection reset by peer" : "the gateway closed the connection"
            handle(wasConnected ? .closed(why) : .connectFailed(why), site)
        }
    }

    private func drop(_ site: Int, _ number: UInt64) {
        lines[site].link = nil
        lines[site].isConnected = false
        closeFromHeadEnd(site, number)
    }

    private static func digest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(UInt64(bytes.count)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    // MARK: - Time

    /// As in `Shard`, but that an idle line is left alone until its conversation has something to do.
    private func plan(_ site: Int) {
        let (deadline, due) = lines[site].conversation.wake()
        var at = deadline.nanoseconds
        if let due {
            let byCivil = max(now, nanoseconds(at: due))
            let isTalking = lines[site].conversation.isTalking
            let earliest = lines[site].conversation.earliestSend.nanoseconds
            at = isTalking ? min(at, max(byCivil, earliest)) : max(at, byCivil)
        }
        let look = world.daemon.lookMilliseconds * 1_000_000
        if !mayAsk {
            at = max(now + min(look, 200_000_000), min(at, now + look))
        } else if world.daemon.looksAtIdleLines || lines[site].conversation.unitsOut > 0 || isStopping {
            at = min(at, now + look)
        }
        at = max(now, at)
        guard at < lines[site].wakeAt || lines[site].wakeAt <= now, at < .max else { return }
        lines[site].wakeAt = at
        add(.look(site: site, life: life), at: at)
    }
}
