import Metering
import Packing
import VEE

/// A poll that a reading came by, as the tables keep it.
struct PollStamp: Hashable {
    let requested: Instant
    let answered: Instant
    /// Row of `origin`: gateway and profile.
    let origin: Int64
    let unit: UInt8
    let transaction: UInt16
}

/// An index on a dial with the poll it came by. Its words stand in the bytes of the `MeterDial` it belongs to: plain
/// numbers only, so that a province's readings are judged without an allocation for each.
struct Evidence {
    let poll: PollStamp
    /// What the dial showed; once it is judged, what it had counted.
    var index: Energy
    fileprivate let wordsStart: Int
    fileprivate let wordsEnd: Int

    var requested: Instant { poll.requested }
    var answered: Instant { poll.answered }
    var reading: DialReading { DialReading(requested: poll.requested, answered: poll.answered, index: index) }
}

/// What a meter's registers showed last, and the days their indices span: what its next reading is judged beside.
///
/// One row of `dial`, known by the meter's first series. A poll reads and writes it once, whatever number of
/// registers it brings: with a row a register, a night of the province took four times as many.
struct MeterDial {
    /// One register: a row of `series`.
    struct Entry {
        let register: Register
        let series: Int64
        /// The last accepted live reading; `nil` where there is none, or a person had the dial begin anew.
        var last: Evidence?
        /// The first and last day with an index; both `nil` where there is none.
        var firstDay: ServiceDay?
        var lastDay: ServiceDay?
    }

    /// In the order in which the registers were first seen.
    var entries: [Entry] = []
    /// Words as received, each word high byte first: those of the entries' readings, and of readings under judgement.
    private var words: [UInt8] = []

    init() {}

    /// The meter's first series, which its row is known by. A dial that is written has an entry.
    var key: Int64 {
        guard let first = entries.first else { preconditionFailure("the dial of a meter that never showed anything") }
        return first.series
    }

    /// When the latest of the readings was answered.
    var answered: Instant? { entries.lazy.compactMap { $0.last?.answered }.max() }

    func position(of register: Register) -> Int? { entries.firstIndex { $0.register == register } }

    subscript(register: Register) -> Entry? { entries.first { $0.register == register } }

    /// Evidence of this meter; good as long as this value.
    mutating func evidence(_ poll: PollStamp, _ index: Energy, words received: [UInt16]) -> Evidence {
        let start = words.count
        for word in received {
            words.append(UInt8(word >> 8))
            words.append(UInt8(word & 0xFF))
        }
        return Evidence(poll: poll, index: index, wordsStart: start, wordsEnd: words.count)
    }

    mutating func evidence(_ poll: PollStamp, _ index: Energy, bytes: some Collection<UInt8>) -> Evidence {
        let start = words.count
        words += bytes
        return Evidence(poll: poll, index: index, wordsStart: start, wordsEnd: words.count)
    }

    func words(of evidence: Evidence) -> ArraySlice<UInt8> { words[evidence.wordsStart..<evidence.wordsEnd] }
}

// MARK: - As a row's body

extension MeterDial {
    /// Of a body written by a version that knows more, nothing is understood. Version 1 had no checksum.
    private static let version: UInt8 = 2
    private static let unsummed: UInt8 = 1
    /// In the checksum.
    private static let kind = UInt8(ascii: "D")
    private static let hasReading: UInt8 = 1
    private static let hasSpan: UInt8 = 2
    /// Days between the first and the last index of a register: a century. Gaps are walked day by day.
    private static let spanMax: Int32 = 36_525

    /// Polls first, each once; then the registers, each with the number of its poll; the checksum.
    func write(to writer: inout PackedWriter) {
        let start = writer.count
        writer.put(byte: Self.version)
        var polls: [PollStamp] = []
        for entry in entries {
            if let poll = entry.last?.poll, !polls.contains(poll) { polls.append(poll) }
        }
        writer.put(byte: UInt8(polls.count))
        for poll in polls { poll.write(to: &writer) }
        writer.put(byte: UInt8(entries.count))
        var before: Int64 = 0
        for entry in entries {
            writer.put(byte: entry.register.rawValue)
            writer.put(entry.series - before)
            before = entry.series
            let span = entry.firstDay.flatMap { first in entry.lastDay.map { (first, $0) } }
            writer.put(byte: (entry.last == nil ? 0 : Self.hasReading) | (span == nil ? 0 : Self.hasSpan))
            if let last = entry.last {
                writer.put(byte: UInt8(polls.firstIndex(of: last.poll) ?? 0))
                writer.put(last.index.wattHours)
                writer.put(bytes: words(of: last))
            }
            if let (first, last) = span {
                writer.put(Int64(first.number))
                writer.put(Int64(last - first))
            }
        }
        BodyChecksum.append(from: start, kind: Self.kind, key: key, to: &writer)
    }

    /// - Parameter key: the row's.
    init(body: UnsafeRawBufferPointer, key: Int64) throws(UnreadableBody) {
        let isSummed = body.first != Self.unsummed
        var reader = PackedReader(isSummed ? try BodyChecksum.checked(body, kind: Self.kind, key: key) : body)
        guard try reader.byte() == (isSummed ? Self.version : Self.unsummed) else { throw UnreadableBody() }
        try self.init(reading: &reader)
        // Another meter's body in this row would have its days written.
        guard entries.first?.series == key else { throw UnreadableBody() }
    }

    private init(reading reader: inout PackedReader) throws(UnreadableBody) {
        var polls: [PollStamp] = []
        for _ in 0..<(try reader.byte()) { polls.append(try PollStamp(reading: &reader)) }
        var before: Int64 = 0
        let count = Int(try reader.byte())
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let register = try reader.register()
            let (series, overflow) = before.addingReportingOverflow(try reader.signed())
            before = series
            let flags = try reader.byte()
            var entry = Entry(register: register, series: series)
            if flags & Self.hasReading != 0 {
                let poll = Int(try reader.byte())
                guard polls.indices.contains(poll) else { throw UnreadableBody() }
                let index = Energy(wattHours: try reader.signed())
                guard index >= .zero else { throw UnreadableBody() }
                entry.last = evidence(polls[poll], index, bytes: try reader.bytesWithLength())
            }
            if flags & Self.hasSpan != 0 {
                let first = try reader.day()
                let length = try reader.number(Int32.self)
                guard (0...Self.spanMax).contains(length) else { throw UnreadableBody() }
                entry.firstDay = first
                entry.lastDay = first + Int(length)
            }
            guard !overflow, (0...ChunkPeriod.seriesMax).contains(series),
                flags & ~(Self.hasReading | Self.hasSpan) == 0, position(of: register) == nil
            else {
                throw UnreadableBody()
            }
            entries.append(entry)
        }
        guard reader.isAtEnd else { throw UnreadableBody() }
    }
}

extension PollStamp {
    func write(to writer: inout PackedWriter) {
        writer.put(answered.microseconds)
        writer.put((answered - requested).microseconds)
        writer.put(origin)
        writer.put(byte: unit)
        writer.put(unsigned: UInt64(transaction))
    }

    /// In the year 2255: no clock of ours shows it, and no walk over days starts from there.
    private static let answeredMax = Instant(microseconds: 1 << 53)

    init(reading reader: inout PackedReader) throws(UnreadableBody) {
        answered = Instant(microseconds: try reader.signed())
        let took = try reader.signed()
        guard took >= 0, answered.microseconds >= took, Self.answeredMax >= answered else { throw UnreadableBody() }
        requested = answered - Instant.Span(microseconds: took)
        origin = try reader.signed()
        unit = try reader.byte()
        guard let transaction = UInt16(exactly: try reader.unsigned()) else { throw UnreadableBody() }
        self.transaction = transaction
    }
}
