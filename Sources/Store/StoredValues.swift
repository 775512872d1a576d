import Metering
import VEE

// How the values of the trade stand in columns: days and instants as their numbers, energy as Wh.

extension ServiceDay: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        Int64(number).bind(to: statement, at: position)
    }
}

extension Instant: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        microseconds.bind(to: statement, at: position)
    }
}

extension Energy: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        wattHours.bind(to: statement, at: position)
    }
}

extension HotStatement {
    func day(_ column: Int32) -> ServiceDay { ServiceDay(stored: integer(column)) }
    func optionalDay(_ column: Int32) -> ServiceDay? { optionalInteger(column).map(ServiceDay.init(stored:)) }
    func instant(_ column: Int32) -> Instant { Instant(stored: integer(column)) }
    func optionalInstant(_ column: Int32) -> Instant? { optionalInteger(column).map(Instant.init(stored:)) }
    func energy(_ column: Int32) -> Energy { Energy(wattHours: integer(column)) }
    func optionalEnergy(_ column: Int32) -> Energy? { optionalInteger(column).map(Energy.init(wattHours:)) }

    /// Five columns from `column` on: day, idx, q, bound, revision.
    func dailyIndex(_ column: Int32 = 0) throws -> DailyIndex {
        let raw = integer(column + 2)
        guard let quality = UInt8(exactly: raw).flatMap(IndexQuality.init(rawValue:)) else {
            throw UnknownCode(column: "hot.q", code: raw)
        }
        return DailyIndex(
            day: day(column),
            index: Energy(wattHours: try integer(column + 1, in: 0...Self.dialMax, of: "hot.idx")), quality: quality,
            errorBound: Energy(wattHours: try integer(column + 3, in: 0...Self.dialMax, of: "hot.bound")),
            revision: Int(try integer(column + 4, in: 1...Int64(Int32.max), of: "hot.revision")))
    }

    /// Far above any dial, and yet indices and their bounds can be added up.
    private static let dialMax = Int64.max / 4

    /// A number that the table's own rules keep within these bounds: any other was not written by meterd.
    func integer(_ column: Int32, in bounds: ClosedRange<Int64>, of name: @autoclosure () -> String) throws -> Int64 {
        let number = integer(column)
        guard bounds.contains(number) else { throw UnknownCode(column: name(), code: number) }
        return number
    }

    func register(_ column: Int32) throws -> Register {
        let raw = integer(column)
        guard let register = UInt8(exactly: raw).flatMap(Register.init(rawValue:)) else {
            throw UnknownCode(column: "series.register", code: raw)
        }
        return register
    }
}

extension ServiceDay {
    /// A damaged page may hold any number. One from which days can be counted on in both directions stays as it is.
    init(stored number: Int64) { self.init(number: Int32(min(max(number, -10_000_000), 10_000_000))) }
}

extension Instant {
    /// As for days: from any two stored instants the time between them can be told.
    init(stored microseconds: Int64) { self.init(microseconds: min(max(microseconds, .min / 4), .max / 4)) }
}

/// A number in a column that this version gives no meaning: the file was changed by something else.
struct UnknownCode: Error {
    let column: String
    let code: Int64
}

/// What became of a stored reading. Raw values are stored: never renumber.
package enum ReadingVerdict: Int, CaseIterable, Hashable, Sendable {
    case accepted = 1
    /// Taken before the reading already accepted, yet higher than it.
    case late = 2
    case decreased = 10
    case aboveCeiling = 11
    case overflow = 12
    /// A frozen record of a day that had not begun when it was read: the meter's calendar is wrong.
    case fromFuture = 13
    /// Read while another meter than the registered one answered there.
    case foreignMeter = 14
    /// Possible by itself, but it came after suspects, and the next did not go on from it or is yet to come.
    case unconfirmed = 15
    /// A frozen record of a midnight about which the meter's clock is not believed.
    case wrongClock = 16

    package var name: String {
        switch self {
        case .accepted: "accepted"
        case .late: "late"
        case .decreased: "decreased"
        case .aboveCeiling: "above-ceiling"
        case .overflow: "overflow"
        case .fromFuture: "from-future"
        case .foreignMeter: "foreign-meter"
        case .unconfirmed: "unconfirmed"
        case .wrongClock: "wrong-clock"
        }
    }

    /// The rows of `reading` that count against their dial: another meter's say nothing of it, nor what the dial showed
    /// at another instant. The lower bound is that of the index `suspectReading`, which finds them.
    static let isAgainstDial = """
        verdict >= \(decreased.rawValue) AND verdict NOT IN (\(foreignMeter.rawValue), \(wrongClock.rawValue))
        """

    /// The same of one reading.
    var isAgainstDial: Bool { isSuspect && self != .foreignMeter && self != .wrongClock }

    /// Kept with its words, never an index.
    package var isSuspect: Bool { rawValue >= Self.decreased.rawValue }

    init(_ verdict: Verdict) {
        switch verdict {
        case .accepted, .duplicate: self = .accepted
        case .late: self = .late
        case .decreased: self = .decreased
        case .aboveCeiling: self = .aboveCeiling
        case .overflow: self = .overflow
        case .unconfirmed: self = .unconfirmed
        }
    }
}

/// What an index was made from. Raw values are stored: never renumber.
enum LineageKind: Int {
    /// The meter's own record, read at `first`.
    case record = 1
    /// Two live readings, answered at `first` and `second`.
    case readings = 2
    /// The indices of the days `first` and `second`.
    case indices = 3
    /// The index of the day `first` and the live reading answered at `second`.
    case indexAndReading = 4
    /// A person's entry; `first` is when.
    case person = 5

    /// Whether it says by itself when the index became known: others are drawn at some later day close.
    var tellsWhen: Bool {
        switch self {
        case .record, .readings, .person: true
        case .indices, .indexAndReading: false
        }
    }
}

/// A row of `lineage`. Readings are known by the series and the instant they were answered.
struct LineageEntry: Equatable {
    let kind: LineageKind
    let first: Int64
    let second: Int64?

    static func record(answered: Instant) -> LineageEntry {
        LineageEntry(kind: .record, first: answered.microseconds, second: nil)
    }
    static func readings(_ first: Instant, _ second: Instant) -> LineageEntry {
        LineageEntry(kind: .readings, first: first.microseconds, second: second.microseconds)
    }
    static func indices(_ first: ServiceDay, _ second: ServiceDay) -> LineageEntry {
        LineageEntry(kind: .indices, first: Int64(first.number), second: Int64(second.number))
    }
    static func indexAndReading(_ first: ServiceDay, _ second: Instant) -> LineageEntry {
        LineageEntry(kind: .indexAndReading, first: Int64(first.number), second: second.microseconds)
    }
    static func person(at: Instant) -> LineageEntry {
        LineageEntry(kind: .person, first: at.microseconds, second: nil)
    }
}

/// Words on the wire as bytes, each word high byte first, as they came.
enum WordBytes {
    static func bytes(_ words: [UInt16]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: words.count * 2) { bytes, count in
            for word in words {
                bytes[count] = UInt8(word >> 8)
                bytes[count + 1] = UInt8(word & 0xFF)
                count += 2
            }
        }
    }

    static func words(_ bytes: [UInt8]) -> [UInt16] {
        stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }
}
