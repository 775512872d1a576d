import GRDB
import Metering

/// What the registry says of a meter that has a part in a day.
struct DayMeter: Sendable {
    let meter: MeterID
    /// Row of `usagePoint`.
    let usagePointID: Int64
    let stay: MeterStay
    let multiplier: Int64
    let digits: UInt8
    /// 0...27; 0 is the month's last.
    let readingDay: UInt8
    fileprivate let (category, district, place, profile): (Int32, Int32, Int32, Int32)
}

/// The meters that are in service on a day, and those that leave on it: read once, in the registry's own order, for
/// walks that go in the order of the series. Looking each up there wanders over the whole file, which was half of a
/// day close. Some 90 bytes a meter while it lives.
struct DayMeters: Sendable {
    /// Something that usage points may be told apart by.
    enum Place: String {
        case district, station, gateway, profile
        /// The empty text for all.
        case nowhere

        fileprivate var sql: String {
            switch self {
            case .district: "usagePoint.district"
            case .station: "usagePoint.station"
            case .gateway: "COALESCE((SELECT name FROM gateway WHERE gateway.id = installation.gateway), '')"
            case .profile: "profile"
            case .nowhere: "''"
            }
        }
    }

    let inService: [DayMeter]
    let leaving: [DayMeter]
    /// By meter number, of `inService`; -1 for all other numbers.
    private let positions: [Int32]
    private let texts: SharedTexts

    init(on day: ServiceDay, by place: Place = .nowhere, _ db: Database) throws {
        var (inService, leaving): ([DayMeter], [DayMeter]) = ([], [])
        var positions = [Int32](repeating: -1, count: try CountedRows.last("meter", of: "installation", db) + 1)
        inService.reserveCapacity(positions.count)
        var texts = SharedTexts()
        let rows = try HotStatement(
            db,
            """
            SELECT meter, usagePoint.id, installedOn, removedOn, startIndex, endIndex, multiplier, digits, readingDay,
              category, district, \(place.sql), profile
            FROM installation CROSS JOIN usagePoint ON usagePoint.id = installation.usagePoint
            WHERE installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1 OR removedOn = ?1 AND installedOn < ?1)
            ORDER BY meter
            """)
        try rows.start(day)
        while try rows.next() {
            guard positions.indices.contains(Int(rows.integer(0))) else {
                throw DamagedRow(table: "installation", key: rows.integer(0))
            }
            let meter = DayMeter(
                meter: MeterID(Int32(rows.integer(0))), usagePointID: rows.integer(1),
                stay: MeterStay(
                    installedOn: rows.day(2), removedOn: rows.optionalDay(3), startIndex: rows.optionalEnergy(4),
                    endIndex: rows.optionalEnergy(5)),
                multiplier: rows.integer(6), digits: UInt8(clamping: rows.integer(7)),
                readingDay: UInt8(clamping: rows.integer(8)), category: texts.number(of: rows.text(9)),
                district: texts.number(of: rows.text(10)), place: texts.number(of: rows.text(11)),
                profile: texts.number(of: rows.text(12)))
            if meter.stay.removedOn == day {
                leaving.append(meter)
            } else {
                positions[Int(meter.meter.number)] = Int32(inService.count)
                inService.append(meter)
            }
        }
        (self.inService, self.leaving, self.positions, self.texts) = (inService, leaving, positions, texts)
    }

    /// Of `inService`; `nil` for a meter that is not.
    func position(of meter: Int64) -> Int? {
        guard meter >= 0, meter < positions.count, positions[Int(meter)] >= 0 else { return nil }
        return Int(positions[Int(meter)])
    }

    func category(of meter: DayMeter) -> String { texts[meter.category] }
    func district(of meter: DayMeter) -> String { texts[meter.district] }
    /// What was asked for.
    func place(of meter: DayMeter) -> String { texts[meter.place] }
    func profile(of meter: DayMeter) -> String { texts[meter.profile] }
}

/// Texts that many rows have in common, each kept once.
struct SharedTexts: Sendable {
    /// By number.
    private(set) var texts: [String] = []
    private var numbers: [String: Int32] = [:]

    mutating func number(of text: String) -> Int32 {
        if let known = numbers[text] { return known }
        let number = Int32(texts.count)
        texts.append(text)
        numbers[text] = number
        return number
    }

    subscript(number: Int32) -> String { texts[Int(number)] }
}

/// The series that the meters in service have of a register, in rising order.
struct DaySeries {
    private let meters: DayMeters
    private let rows: HotStatement

    init(
        of meters: DayMeters, _ register: Register, in series: ClosedRange<Int64> = 0...ChunkPeriod.seriesMax,
        _ db: Database
    ) throws {
        self.meters = meters
        rows = try HotStatement(
            db, "SELECT id, meter FROM series WHERE id BETWEEN ? AND ? AND register = ? ORDER BY id")
        try rows.start(series.lowerBound, series.upperBound, Int(register.rawValue))
    }

    /// With its meter's position in `inService`; `nil` after the last.
    func next() throws -> (series: Int64, position: Int)? {
        while try rows.next() {
            if let position = meters.position(of: rows.integer(1)) { return (rows.integer(0), position) }
        }
        return nil
    }
}
