import GRDB
import Metering

/// What a person knows of a meter that explains its case: during a day its usage point got another dial, by an
/// exchange, a reset, other transformers, or none at all any more.
package struct DialChange: Hashable, Sendable {
    /// The day during which it happened.
    package var day: ServiceDay
    /// Of the meter that hangs there since; `nil`: the same one.
    package var serial: String?
    /// What changed with it; `nil`: as before.
    package var multiplier: Int64?
    package var digits: Int?
    /// Nothing hangs there any more.
    package var isRemoval = false
    /// What the dial showed last, and what the one after it showed first, in Wh before the multiplier; `nil` where
    /// nobody has looked, and then the day's energy is not known.
    package var endIndex: Energy?
    package var startIndex: Energy?

    package init(
        day: ServiceDay, serial: String? = nil, multiplier: Int64? = nil, digits: Int? = nil, isRemoval: Bool = false,
        endIndex: Energy? = nil, startIndex: Energy? = nil
    ) {
        self.day = day
        self.serial = serial
        self.multiplier = multiplier
        self.digits = digits
        self.isRemoval = isRemoval
        self.endIndex = endIndex
        self.startIndex = startIndex
    }

    /// The rows of the registry that say so, the old dial's first.
    func rows(of old: MeterInstallation) -> [MeterInstallation] {
        let ended = MeterInstallation(
            serial: old.serial, usagePoint: old.usagePoint, gateway: old.gateway, unit: old.unit, profile: old.profile,
            multiplier: old.multiplier, digits: old.digits, installedOn: old.installedOn, removedOn: day,
            startIndex: old.startIndex, endIndex: endIndex)
        guard !isRemoval else { return [ended] }
        return [
            ended,
            MeterInstallation(
                serial: serial ?? old.serial, usagePoint: old.usagePoint, gateway: old.gateway, unit: old.unit,
                profile: old.profile, multiplier: multiplier ?? old.multiplier, digits: digits ?? old.digits,
                installedOn: day, startIndex: startIndex),
        ]
    }

    /// What a person wrote that cannot be; `nil` where nothing is wrong with it.
    func fault(beside old: MeterInstallation, today: ServiceDay) -> String? {
        if let removedOn = old.removedOn { return "meter \(old.serial) left on \(removedOn) already" }
        guard day > old.installedOn else {
            return "meter \(old.serial) was installed on \(old.installedOn); give a later day"
        }
        guard day <= today else { return "\(day) has not begun" }
        guard !isRemoval else {
            return serial == nil && multiplier == nil && digits == nil && startIndex == nil
                ? fault(of: endIndex, digits: old.digits)
                : "a meter that was removed has no new serial, multiplier, digits or start index"
        }
        guard serial != nil || multiplier != nil || digits != nil || startIndex != nil else {
            return "nothing has changed; give the new serial, multiplier, digits or start index, or that it was removed"
        }
        guard serial.map({ !$0.isEmpty && $0 != old.serial }) ?? true else {
            return "\(serial ?? "") is the meter that hangs there already; leave its serial out"
        }
        guard multiplier.map({ MeterInstallation.multipliers.contains($0) }) ?? true else {
            return "a multiplier is 1 to \(MeterInstallation.multipliers.upperBound)"
        }
        guard digits.map({ (0...12).contains($0) }) ?? true else { return "a dial has 1 to 12 digits, 0 for unknown" }
        return fault(of: endIndex, digits: old.digits) ?? fault(of: startIndex, digits: digits ?? old.digits)
    }

    private func fault(of index: Energy?, digits: Int) -> String? {
        guard let index, !MeterInstallation.dial(ofDigits: digits).holds(index) else { return nil }
        return index < .zero
            ? "an index is 0 Wh or more" : "a dial of \(digits == 0 ? 12 : digits) digits cannot show \(index)"
    }
}

extension Store {
    /// Ends a case by what happened to its meter, which is written to the registry in the same transaction: the old
    /// dial's row ends on that day and the new one's begins. All live cases about what that meter shows end with it.
    ///
    /// What the old dial counted after that day, where it is the same meter's, goes over to the new one.
    /// - Throws: `StoreError.actRefused` where the case has ended or the change cannot be;
    ///   `.registryRefused` where it contradicts the registry.
    package func explain(
        case id: Int64, by change: DialChange, who: String, why: String, at instant: Instant
    ) throws {
        func refused(_ why: String) -> StoreError { .actRefused(why: why) }
        try StoreError.refuseUnsigned(by: who, why: why)
        try writeHeldToParents("explaining case \(id)") { db in
            let all = CaseFilter(ids: [id], states: Set(MeterCase.State.allCases))
            guard let one = try Self.cases(all, order: .age, limit: 1, db).first else {
                throw refused("there is no case \(id); meterd exceptions lists what is live")
            }
            guard one.state.isLive else { throw refused("case \(id) has ended already: \(one.state.rawValue)") }
            guard let old = try Self.meters(of: one.usagePoint, db).first(where: { $0.id == one.meter }) else {
                throw refused("the registry does not know the meter of case \(id) any more")
            }
            let today = calendar.day(at: instant)
            if let fault = change.fault(beside: old.installation, today: today) { throw refused(fault) }
            let acts = try CaseActWriter(db)
            try acts.write(.explained, on: id, by: who, why: why, at: instant)
            try acts.explained(old.id, on: change.day, by: who, why: why, at: instant, db)
            try Self.importRegistry(
                Registry(installations: change.rows(of: old.installation)), today: today, at: instant, db)
            if !change.isRemoval, change.serial == nil {
                try Self.handOver(from: old, since: change, at: instant, by: who, why: why, db)
            }
        }
    }

    /// The dial went on in the same meter: what it counted after the change, and its last reading, are the new row's.
    /// Nothing is handed over by a dial that was set back: what it showed since was never believed.
    private static func handOver(
        from old: RegisteredMeter, since change: DialChange, at instant: Instant, by who: String, why: String,
        _ db: Database
    ) throws {
        guard change.startIndex == nil || change.startIndex == change.endIndex,
            let new = try meters(of: old.installation.usagePoint, db).first(where: {
                $0.installation.serial == old.installation.serial && $0.installation.installedOn == change.day
            })
        else { return }
        let dials = try DialTable(db)
        guard let before = try dials.dial(of: old.id) else { return }
        let limits = old.installation.dial
        var dial = MeterDial()
        var writer = try IndexWriter(db)
        for entry in before.entries {
            let position = try dials.position(of: entry.register, in: &dial, meter: new.id)
            let later = try entry.lastDay.map {
                try IndexBook(db).indices(of: entry.series, from: change.day.next, through: $0)
            }
            // The new row counts from what the dial shows: the turns that it made before are the old row's.
            let turned: Energy
            if let counted = later?.first?.index ?? entry.last?.index {
                let end = entry.register == .activeImport ? change.endIndex : nil
                let anchor = end.map { limits.counted($0, nearest: counted) } ?? counted
                turned = anchor - limits.shown(anchor)
            } else {
                turned = .zero
            }
            if let last = entry.last {
                dial.entries[position].last = dial.evidence(
                    last.poll, last.index - turned, bytes: before.words(of: last))
            }
            let occasion = IndexOccasion(at: instant, source: "registry", reason: why, who: who)
            for index in later ?? [] {
                let moved = DailyIndex(
                    day: index.day, index: index.index - turned, quality: index.quality, errorBound: index.errorBound)
                let outcome = try writer.write(
                    moved, of: &dial.entries[position], lineage: .person(at: instant), on: occasion)
                guard outcome == .inserted else { continue }
                try writer.recordFirst(moved, series: dial.entries[position].series, on: occasion)
            }
        }
        guard !dial.entries.isEmpty else { return }
        writer.lineages.finish(dial.key)
        try dials.save(dial)
        try dials.flush()
        try writer.finish()
    }
}
