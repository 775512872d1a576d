import Metering

/// The registry changed while the line is open.
extension GatewayConversation {
    /// Takes over a changed list of meters at the same endpoint. What is known of unchanged meters stays, a request
    /// to a meter that is no longer there is given up, and its reply will be dropped as late.
    /// - Returns: changed or removed meters that an operator was reading: nobody will answer for them any more.
    @discardableResult
    package mutating func adopt(_ new: GatewayPlan, owed: OwedDays = [:], at moment: Moment) -> [MeterID] {
        var before: [MeterID: Int] = [:]
        for (position, meter) in plan.meters.enumerated() { before[meter.meter] = position }
        var kept: [Int: Int] = [:]
        for (position, meter) in new.meters.enumerated() {
            if let old = before[meter.meter], plan.meters[old].isSame(as: meter) { kept[position] = old }
        }
        let moved = Dictionary(uniqueKeysWithValues: kept.map { ($0.value, $0.key) })
        for slot in slots.indices {
            guard let pending = slots[slot] else { continue }
            if let position = moved[pending.job.position] {
                slots[slot] = pending.moved(to: position)
            } else {
                abandoned.append((pending.transaction, pending.sent))
                release(slot)
                nextSend = .zero
                if plan.hasNoTransactions { mustReconnect = "the meter under way has left the registry" }
            }
        }
        asked = slots.compactMap { $0?.job.position }
        breakers = new.meters.indices.map { kept[$0].map { breakers[$0] } ?? UnitBreaker() }
        standings = new.meters.indices.map { position in
            kept[position].map { standings[$0] } ?? MeterStanding(isChecked: !new.meters[position].isNew)
        }
        let unread = demands.keys.filter { moved[$0] == nil }.map { plan.meters[$0].meter }
        demands = Dictionary(
            uniqueKeysWithValues: demands.compactMap { old, outcomes in
                moved[old].map { ($0, outcomes) }
            })
        energyLooks = Dictionary(
            uniqueKeysWithValues: energyLooks.compactMap { old, look in moved[old].map { ($0, look) } })
        checks = Dictionary(
            uniqueKeysWithValues: checks.compactMap { old, values in moved[old].map { ($0, values) } })
        silentPositions = silentPositions.compactMap { moved[$0] }
        plan = new
        schedule.replace(new.meters, kept: kept, owed: owed, at: moment.civil)
        if policy != .off, kept.count < new.meters.count { unprovenFrom = 0 }
        return unread
    }
}

extension GatewayConversation.Pending {
    fileprivate func moved(to position: Int) -> Self {
        Self(
            job: job.with(position: position), purpose: purpose, range: range, transaction: transaction, sent: sent,
            requested: requested, timeout: timeout, isProbe: isProbe)
    }
}

extension GatewayPlan {
    /// Nothing changed, for the line and for its meters.
    func isSame(as other: GatewayPlan) -> Bool {
        isSameLine(as: other) && meters.count == other.meters.count
            && zip(meters, other.meters).allSatisfy { $0.isSame(as: $1) }
    }

    /// The same endpoint, spoken to in the same way.
    func isSameLine(as other: GatewayPlan) -> Bool {
        gateway == other.gateway && ignoresTransactions == other.ignoresTransactions
    }
}
