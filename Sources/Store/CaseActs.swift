import GRDB
import Metering

/// What an act did to the cases that were meant.
package struct CaseActReport: Hashable, Sendable {
    /// A case that stays as it is.
    package struct Refusal: Hashable, Sendable {
        package let id: Int64
        package let why: String
    }

    /// How many are now as the act says.
    package internal(set) var done = 0
    /// How many were so before.
    package internal(set) var unchanged = 0
    /// Those to which it cannot be done, and why; at most `refusedMost` of the `refusedCount`.
    package internal(set) var refused: [Refusal] = []
    package internal(set) var refusedCount = 0

    static let refusedMost = 20

    mutating func refuse(_ id: Int64, _ why: String) {
        refusedCount += 1
        if refused.count < Self.refusedMost { refused.append(Refusal(id: id, why: why)) }
    }
}

extension StoreError {
    /// - Throws: `actRefused` where nobody answers for what is done, or no reason is given.
    static func refuseUnsigned(by who: String, why: String) throws {
        func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
        guard !isBlank(who) else { throw actRefused(why: "nobody answers for it; say who") }
        guard !isBlank(why) else { throw actRefused(why: "no reason given; say why in a sentence") }
    }
}

extension Store {
    /// Does something about the cases that a filter chooses, in one transaction; each keeps who did it, when and why.
    ///
    /// A case that has ended stays as it is, and one that blocks readings cannot be released: see `isReleasable`.
    /// - Parameters:
    ///   - act: `acknowledged`, `fieldVisit` or `released`; the others follow from an edit or from the registry.
    ///   - who, why: not blank; in the person's words.
    /// - Throws: `StoreError.actRefused` where nobody answers for it or no reason is given.
    package func act(
        _ act: CaseAct.Kind, on filter: CaseFilter, by who: String, why: String, at instant: Instant
    ) throws -> CaseActReport {
        try StoreError.refuseUnsigned(by: who, why: why)
        return try write("noting what was done about cases") { db in
            var report = CaseActReport()
            let acts = try CaseActWriter(db)
            for one in try Self.cases(filter, order: .age, limit: .max, db) {
                guard one.state.isLive else {
                    report.refuse(one.id, "has ended already: \(one.state.rawValue)")
                    continue
                }
                guard act != .released || one.isReleasable else {
                    report.refuse(
                        one.id, "holds back readings that cannot be true; edit the index, or tell the registry the fact"
                    )
                    continue
                }
                // What somebody adds to it is kept too.
                try acts.write(act, on: one.id, by: who, why: why, at: instant)
                if one.state == act.state { report.unchanged += 1 } else { report.done += 1 }
            }
            return report
        }
    }
}

/// Writes acts and what they make of their cases, inside one transaction.
struct CaseActWriter {
    private let insert: HotStatement
    private let change: HotStatement

    init(_ db: Database) throws {
        insert = try HotStatement(db, "INSERT INTO caseAct(meterCase, at, act, who, why) VALUES(?, ?, ?, ?, ?)")
        // Two clocks may be a little apart; of NULL and anything the greater is NULL.
        change = try HotStatement(
            db, "UPDATE meterCase SET state = ?1, closed = MAX(opened, ?2) WHERE id = ?3")
    }

    func write(_ act: CaseAct.Kind, on id: Int64, by who: String, why: String, at instant: Instant) throws {
        try insert.run(id, instant, act.rawValue, who, why)
        try change.run(act.state.rawValue, act.state.isLive ? Instant?.none : instant, id)
    }

    /// The registry tells what happened to a meter on a day: whatever was open about what it shows is ended by it, and
    /// about its own records of that day and of those after it.
    func explained(
        _ meter: MeterID, on day: ServiceDay, by who: String, why: String, at instant: Instant, _ db: Database
    ) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT id FROM meterCase WHERE closed IS NULL AND meter = ?1
              AND (lastDay IS NULL OR firstDay >= ?2 AND kind IN (SELECT value FROM json_each(?3)))
            """)
        try rows.start(
            Int(meter.number), day, JSONSet.text(of: MeterCase.Kind.ofRecords.map(\.rawValue)))
        try writeAll(rows, .explained, by: who, at: instant) { _ in why }
    }

    /// Of a meter that has left its usage point nothing is open any more but its days.
    /// - Parameter today: one that leaves on a later day is still there.
    func left(by today: ServiceDay, at instant: Instant, _ db: Database) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT id, removedOn FROM meterCase JOIN installation USING(meter)
            WHERE closed IS NULL AND lastDay IS NULL AND removedOn <= ?
            """)
        try rows.start(today)
        try writeAll(rows, .explained, by: "registry", at: instant) { "the meter is removed on \($0.day(1))" }
    }

    /// A person has entered an index: whatever was open about the days on both sides of it is ended, and what is open
    /// about the register now where the index is of now.
    func edited(
        _ meter: MeterID, _ register: Register, _ day: ServiceDay, isOfNow: Bool, by who: String, why: String,
        at instant: Instant, _ db: Database
    ) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT id FROM meterCase WHERE closed IS NULL AND meter = ?1 AND register = ?2
              AND CASE WHEN lastDay IS NULL THEN ?4 ELSE firstDay <= ?3 AND lastDay >= ?3 - 1 END
            """)
        try rows.start(Int(meter.number), Int(register.rawValue), day, isOfNow ? 1 : 0)
        try writeAll(rows, .edited, by: who, at: instant) { _ in why }
    }

    /// On each case whose row is found; all are found before the first is changed.
    private func writeAll(
        _ rows: HotStatement, _ act: CaseAct.Kind, by who: String, at instant: Instant,
        why: (HotStatement) -> String
    ) throws {
        var found: [(id: Int64, why: String)] = []
        while try rows.next() { found.append((rows.integer(0), why(rows))) }
        for one in found { try write(act, on: one.id, by: who, why: one.why, at: instant) }
    }
}
