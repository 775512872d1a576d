import GRDB
import Metering

/// Writes and finds what indices were made from; lives inside one transaction.
///
/// A night's first indices of a meter mostly stand on the same polls, whatever the register: they share a row of
/// `nightLineage`. Later revisions, and a better source of the same value, have rows of their own in `lineage`, which
/// count before a shared one.
struct LineageBook {
    private struct Night {
        let day: ServiceDay
        var dial: Int64 = 0
        let entry: LineageEntry
        let known: FirstKnown?
        /// Bit `n` stands for the register with raw value `n`.
        var registers: Int
    }

    private let insert: HotStatement
    private let insertNights: GroupInsert
    private let joinNight: HotStatement
    private let insertKnown: HotStatement
    private let insertMethod: HotStatement
    private let selectMethod: HotStatement
    private let select: HotStatement
    private let selectNight: HotStatement
    /// Those from `atHand` on are the meter's at hand, those before it meters' before.
    private var nights: [Night] = []
    private var atHand = 0

    init(_ db: Database) throws {
        insert = try HotStatement(
            db, "INSERT OR REPLACE INTO lineage(day, series, revision, kind, first, second) VALUES(?, ?, ?, ?, ?, ?)")
        insertNights = try GroupInsert(
            db, into: "nightLineage(day, series, kind, first, second, registers)", row: "(?, ?, ?, ?, ?, ?)")
        joinNight = try HotStatement(
            db,
            """
            UPDATE nightLineage SET registers = registers | ?6
            WHERE day = ?1 AND series = ?2 AND kind = ?3 AND first = ?4 AND second = ?5
            """)
        insertKnown = try HotStatement(db, FirstKnown.insert)
        insertMethod = try HotStatement(
            db, "INSERT OR REPLACE INTO estimationMethod(day, series, revision, method) VALUES(?, ?, ?, ?)")
        selectMethod = try HotStatement(
            db, "SELECT method FROM estimationMethod WHERE day = ? AND series = ? AND revision = ?")
        select = try HotStatement(
            db, "SELECT kind, first, second FROM lineage WHERE day = ? AND series = ? AND revision = ?")
        selectNight = try HotStatement(
            db, "SELECT registers, kind, first, second FROM nightLineage WHERE day = ? AND series = ?")
    }

    /// Of the first index of a day, with when it became known where that is worth a note; `finish` says whose.
    mutating func noteFirst(_ entry: LineageEntry, day: ServiceDay, register: Register, known: FirstKnown?) {
        let bit = 1 << Int(register.rawValue)
        if let same = nights[atHand...].firstIndex(where: { $0.day == day && $0.entry == entry && $0.known == known }) {
            nights[same].registers |= bit
        } else {
            nights.append(Night(day: day, entry: entry, known: known, registers: bit))
        }
    }

    /// Of an index that has its own row.
    func note(_ entry: LineageEntry, day: ServiceDay, series: Int64, revision: Int) throws {
        try insert.run(day, series, revision, entry.kind.rawValue, entry.first, entry.second)
    }

    /// How an estimate was drawn; a straight line needs no note.
    func note(_ method: EstimationMethod, day: ServiceDay, series: Int64, revision: Int) throws {
        guard method != .straightLine else { return }
        try insertMethod.run(day, series, revision, method.rawValue)
    }

    /// How the estimate that an entry is of was drawn.
    func method(of series: Int64, day: ServiceDay, revision: Int) throws -> EstimationMethod {
        guard try selectMethod.first(day, series, revision) else { return .straightLine }
        return EstimationMethod(rawValue: selectMethod.text(0)) ?? .straightLine
    }

    /// All that was noted of a meter, known by its dial.
    mutating func finish(_ dial: Int64) {
        for position in nights.indices[atHand...] { nights[position].dial = dial }
        atHand = nights.count
    }

    /// Writes what was noted, in the order of the table: mostly one day of meters in their order.
    mutating func flush() throws {
        precondition(atHand == nights.count, "lineage was noted of nobody")
        nights.sort { ($0.day, $0.dial) < ($1.day, $1.dial) }
        try insertNights.run(nights) {
            try Self.bind($1, to: $0)
        } taken: { night, _ in
            joinNight.reset()
            try Self.bind(night, to: joinNight)
            try joinNight.runBound()
        }
        for night in nights {
            guard let known = night.known else { continue }
            try insertKnown.run(night.day, night.dial, known.at, known.wasClosed ? 1 : 0, night.registers)
        }
        nights.removeAll(keepingCapacity: true)
        atHand = 0
    }

    private static func bind(_ night: Night, to statement: HotStatement) throws {
        try statement.bindNext(
            night.day, night.dial, night.entry.kind.rawValue, night.entry.first, night.entry.second ?? 0,
            night.registers)
    }

    /// What the given revision of a register's index was made from; `dial` is the key of its meter's dial. Where
    /// something is noted and not written yet, it is the meter at hand.
    func entry(of series: Int64, _ register: Register, dial: Int64, day: ServiceDay, revision: Int) throws
        -> LineageEntry?
    {
        if try select.first(day, series, revision) {
            return try Self.entry(select, from: 0, second: select.optionalInteger(2))
        }
        return revision == 1 ? try firstEntry(register, dial: dial, day: day) : nil
    }

    /// What the first value of a register's index was made from, also where a better source of the same value came
    /// since; `nil` too for a value from before step 6.
    func firstEntry(_ register: Register, dial: Int64, day: ServiceDay) throws -> LineageEntry? {
        let bit = 1 << Int(register.rawValue)
        if let noted = nights[atHand...].first(where: { $0.day == day && $0.registers & bit != 0 }) {
            return noted.entry
        }
        try selectNight.start(day, dial)
        while try selectNight.next() {
            guard selectNight.integer(0) & Int64(bit) != 0 else { continue }
            let second = selectNight.integer(3)
            return try Self.entry(selectNight, from: 1, second: second == 0 ? nil : second)
        }
        return nil
    }

    private static func entry(_ row: HotStatement, from column: Int32, second: Int64?) throws -> LineageEntry {
        guard let kind = LineageKind(rawValue: Int(row.integer(column))) else {
            throw UnknownCode(column: "lineage.kind", code: row.integer(column))
        }
        return LineageEntry(kind: kind, first: row.integer(column + 1), second: second)
    }
}
