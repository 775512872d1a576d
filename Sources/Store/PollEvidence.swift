import GRDB
import Metering
import Packing

/// A reading that was kept because an index stands on it.
struct KeptReading: Hashable {
    let register: Register
    /// 0 for a live reading, else the number of the frozen record's day.
    let moment: Int32
    let index: Energy
    /// As received, each word high byte first.
    let words: [UInt8]
}

/// The readings of one poll that were kept, as the body of a row of `poll`: one after the other to its end.
enum KeptReadings {
    static let version: UInt8 = 1

    static func put(
        _ register: Register, _ moment: Int32, _ index: Energy, _ words: ArraySlice<UInt8>,
        to writer: inout PackedWriter
    ) {
        writer.put(byte: register.rawValue)
        writer.put(Int64(moment))
        writer.put(index.wattHours)
        writer.put(bytes: words)
    }

    static func read(_ reader: inout PackedReader) throws(UnreadableBody) -> [KeptReading] {
        guard try reader.byte() == version else { throw UnreadableBody() }
        var readings: [KeptReading] = []
        while !reader.isAtEnd {
            readings.append(
                KeptReading(
                    register: try reader.register(), moment: try reader.number(),
                    index: Energy(wattHours: try reader.signed()), words: Array(try reader.bytesWithLength())))
        }
        return readings
    }

    /// - Throws: `DamagedRow` naming the poll answered at `key` by the meter with this dial.
    static func read(_ body: UnsafeRawBufferPointer, key: Int64, dial: Int64) throws -> [KeptReading] {
        var reader = PackedReader(body)
        do { return try read(&reader) } catch { throw DamagedRow(table: "poll", key: key, series: dial) }
    }
}

/// Keeps polls as evidence, one row of `poll` each: append only, but for a poll of which more registers turn out to
/// be needed. Polls are gathered while a batch is judged and written in the order of the table, so that its end grows
/// page by page.
struct PollEvidence {
    /// A poll gathered; its body stands in `bodies`.
    private struct Row {
        let dial: Int64
        let poll: PollStamp
        let start: Int
        let end: Int
        let count: Int

        func body(_ bodies: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bodies[start..<end])
        }

        static func precedes(_ one: Row, _ other: Row) -> Bool {
            if one.poll.answered != other.poll.answered { return one.poll.answered < other.poll.answered }
            if one.dial != other.dial { return one.dial < other.dial }
            return one.poll.transaction < other.poll.transaction
        }
    }

    /// A poll of the meter at hand.
    private struct Open {
        var poll: PollStamp
        var body = PackedWriter()
        var kept: [(register: Register, moment: Int32)] = []
    }

    private let insert: GroupInsert
    private let select: HotStatement
    private let update: HotStatement
    private var rows: [Row] = []
    private var bodies: [UInt8] = []
    private var open: [Open] = []
    /// So many of `open` are in use; the others are kept for their memory.
    private var openCount = 0

    init(_ db: Database) throws {
        insert = try GroupInsert(
            db, into: "poll(answered, series, txn, took, origin, unit, readings)", row: "(?, ?, ?, ?, ?, ?, ?)")
        select = try HotStatement(db, "SELECT readings FROM poll WHERE answered = ? AND series = ? AND txn = ?")
        update = try HotStatement(db, "UPDATE poll SET readings = ? WHERE answered = ? AND series = ? AND txn = ?")
    }

    /// Keeps one reading of the meter at hand; `finish` ends it.
    mutating func keep(_ evidence: Evidence, _ register: Register, moment: Int32, of dial: MeterDial) {
        let position = position(of: evidence.poll) ?? begin(evidence.poll)
        guard !open[position].kept.contains(where: { $0.register == register && $0.moment == moment }) else { return }
        open[position].kept.append((register, moment))
        KeptReadings.put(register, moment, evidence.index, dial.words(of: evidence), to: &open[position].body)
    }

    private func position(of poll: PollStamp) -> Int? { (0..<openCount).first { open[$0].poll == poll } }

    private mutating func begin(_ poll: PollStamp) -> Int {
        if openCount == open.count { open.append(Open(poll: poll)) }
        open[openCount].poll = poll
        open[openCount].kept.removeAll(keepingCapacity: true)
        open[openCount].body.removeAll()
        open[openCount].body.put(byte: KeptReadings.version)
        openCount += 1
        return openCount - 1
    }

    /// Whether this very reading was kept before, in this batch or an earlier one. `dial` is the key of the meter at
    /// hand.
    func holds(_ evidence: Evidence, _ register: Register, moment: Int32, dial: Int64) throws -> Bool {
        let poll = evidence.poll
        if let known = position(of: poll) {
            return open[known].kept.contains { $0.register == register && $0.moment == moment }
        }
        guard try select.first(poll.answered, dial, Int(poll.transaction)) else { return false }
        return try select.withBytes(0) { try KeptReadings.read($0, key: poll.answered.microseconds, dial: dial) }
            .contains { $0.register == register && $0.moment == moment }
    }

    /// All that was kept of a meter, known by its dial.
    mutating func finish(_ dial: Int64) {
        for position in 0..<openCount {
            let start = bodies.count
            bodies += open[position].body.bytes
            rows.append(
                Row(
                    dial: dial, poll: open[position].poll, start: start, end: bodies.count,
                    count: open[position].kept.count))
        }
        openCount = 0
    }

    /// Writes what was gathered. Returns how many readings were not there before.
    mutating func flush() throws -> Int {
        rows.sort(by: Row.precedes)
        var stored = rows.reduce(0) { $0 + $1.count }
        try bodies.withUnsafeBytes { bodies in
            try insert.run(rows) {
                try Self.bind($1, bodies, to: $0)
            } taken: { row, _ in
                // For other registers, or for these: in a slow rhythm those of the evening are there already.
                stored += try merge(row, row.body(bodies)) - row.count
            }
        }
        rows.removeAll(keepingCapacity: true)
        bodies.removeAll(keepingCapacity: true)
        return stored
    }

    private static func bind(_ row: Row, _ bodies: UnsafeRawBufferPointer, to statement: HotStatement) throws {
        let poll = row.poll
        try statement.bindNext(
            poll.answered, row.dial, Int(poll.transaction), Int((poll.answered - poll.requested).microseconds),
            poll.origin, Int(poll.unit), BorrowedBytes(row.body(bodies)))
    }

    /// The poll is kept already: for other registers, or for these.
    private func merge(_ row: Row, _ body: UnsafeRawBufferPointer) throws -> Int {
        let poll = row.poll
        guard try select.first(poll.answered, row.dial, Int(poll.transaction)) else { return 0 }
        let key = poll.answered.microseconds
        // Mostly the very same: the reading after one midnight is the one before the next.
        if select.withBytes(0, { $0.elementsEqual(body) }) { return 0 }
        let known = try select.withBytes(0) { try KeptReadings.read($0, key: key, dial: row.dial) }
        let new = try KeptReadings.read(body, key: key, dial: row.dial).filter { reading in
            !known.contains { $0.register == reading.register && $0.moment == reading.moment }
        }
        guard !new.isEmpty else { return 0 }
        var writer = PackedWriter()
        writer.put(byte: KeptReadings.version)
        for reading in known + new {
            KeptReadings.put(reading.register, reading.moment, reading.index, reading.words[...], to: &writer)
        }
        try update.run(writer.bytes, poll.answered, row.dial, Int(poll.transaction))
        return new.count
    }
}
