import Metering
import Modbus
import Testing

@Suite("Energies of days")
struct DailyEnergiesTests {
    static func log() throws -> DailyEnergies {
        try #require(BuiltInProfileTests.profile("siemens-pac").dailyEnergies)
    }

    static func day(_ text: String) throws -> ServiceDay { try #require(ServiceDay(iso: text)) }

    /// 2025-05-10 11:30:00 +07:00 = 1,746,851,400 s = 0x681E_D648. T1 4,321 Wh = 0x10E1 = 1.0549… × 2^12:
    /// 139 << 23 | 0xE1 << 11 = 0x4587_0800. T2 0.5 Wh: 0x3F00_0000, half a watt-hour counts as one.
    static let today: [UInt16] = [0x681E, 0xD648, 0x4587, 0x0800, 0x3F00, 0x0000]
    /// The day before, its last second: 1,746,809,999 = 0x681E_348F. T1 16,777,215 = 2^24 - 1: 0x4B7F_FFFF. T2 0.
    static let yesterday: [UInt16] = [0x681E, 0x348F, 0x4B7F, 0xFFFF, 0x0000, 0x0000]

    @Test("of the PAC lie in file 90 from record 3 on, six words a day, and again at 32003")
    func ranges() throws {
        let log = try Self.log()
        #expect(log.range(daysBack: 0)?.description == "FC20 file 90 record 3+6")
        #expect(log.range(daysBack: 1)?.description == "FC20 file 90 record 9+6")
        // 50 words a request hold eight whole days.
        #expect(log.recordsMax == 8)
        #expect(log.range(daysBack: 1, count: 8)?.description == "FC20 file 90 record 9+48")
        #expect(log.range(daysBack: 1, count: 9) == nil)
        #expect(log.range(daysBack: 59)?.description == "FC20 file 90 record 357+6")
        #expect(log.range(daysBack: 60) == nil)
        #expect(log.range(daysBack: 55, count: 6) == nil)
        #expect(log.range(daysBack: 0, count: 0) == nil)
        #expect(log.range(daysBack: -1) == nil)
        // 32003 = 0x7D03, 32009 = 0x7D09
        #expect(log.mirrorRange(daysBack: 0)?.description == "FC3 0x7D03+6")
        #expect(log.mirrorRange(daysBack: 1, count: 2)?.description == "FC3 0x7D09+12")
    }

    @Test("are the sums of both tariffs, each booked to the day its timestamp lies in")
    func records() throws {
        let records = try Self.log().records(in: Self.today + Self.yesterday, calendar: .vietnam)
        #expect(records.count == 2)
        guard case .day(let today) = records[0], case .day(let yesterday) = records[1] else {
            Issue.record("\(records)")
            return
        }
        #expect(ServiceCalendar.vietnam.text(today.stamp) == "2025-05-10T11:30:00+07:00")
        #expect(today.day == (try Self.day("2025-05-10")))
        #expect(today.energies == [.activeImport: Energy(wattHours: 4322)])
        #expect(today.words == Self.today)
        #expect(ServiceCalendar.vietnam.text(yesterday.stamp) == "2025-05-09T23:59:59+07:00")
        #expect(yesterday.day == (try Self.day("2025-05-09")))
        #expect(yesterday.isAtMidnight && !today.isAtMidnight)
        #expect(yesterday.energies == [.activeImport: Energy(wattHours: 16_777_215)])
    }

    @Test("lie in the day of the service calendar: a second later is the next day, another zone another day")
    func zones() throws {
        var words = Self.yesterday
        words[1] += 1
        let log = try Self.log()
        func days(_ words: [UInt16], _ calendar: ServiceCalendar) -> [String] {
            log.records(in: words, calendar: calendar).map {
                guard case .day(let day) = $0 else { return "none" }
                return day.day.description
            }
        }
        #expect(days(words, .vietnam) == ["2025-05-10"])
        let utc = try #require(ServiceCalendar(timeZone: "UTC"))
        #expect(days(words, utc) == ["2025-05-09"])
    }

    @Test(
        "that are not there are never zero",
        arguments: [
            // 16,777,216 = 2^24: the next float is two watt-hours on
            ([0x681E, 0x348F, 0x4B80, 0x0000, 0, 0], "beyond what its float holds"),
            ([0x681E, 0x348F, 0, 0, 0x4B80, 0x0000], "beyond what its float holds"),
            ([0x681E, 0x348F, 0x7FC0, 0x0000, 0, 0], "part 1: not a number"),
            ([0x681E, 0x348F, 0, 0, 0xFF80, 0x0000], "part 2: not a number"),
            ([0x681E, 0x348F, 0x4120, 0x0000, 0xC080, 0x0000], "negative"),  // 10 - 4
        ] as [([UInt16], String)])
    func absent(_ words: [UInt16], _ why: String) throws {
        guard case .day(let day)? = try Self.log().records(in: words, calendar: .vietnam).first else {
            Issue.record("no record")
            return
        }
        #expect(day.energies.isEmpty)
        #expect(day.absent[.activeImport]?.contains(why) == true, "\(day.absent)")
    }

    @Test("an unwritten record is empty", arguments: [UInt16(0), 0xFFFF])
    func empty(_ fill: UInt16) throws {
        let words = [UInt16](repeating: fill, count: 12)
        #expect(try Self.log().records(in: words, calendar: .vietnam) == [.empty, .empty])
    }

    @Test("a record past its file, its stride or a request cannot be described")
    func impossible() throws {
        let log = try Self.log()
        func make(
            file: UInt16 = 90, base: UInt16 = 3, stride: Int = 6, days: Int = 60, maxWords: Int = 50,
            stampOffset: Int = 0, mirror: DailyEnergies.Place? = nil
        ) -> DailyEnergies? {
            DailyEnergies(
                place: .init(function: .fileRecord, file: file, base: base), mirror: mirror, stride: stride,
                days: days, stamp: log.stamp, stampOffset: stampOffset, values: log.values, maxWords: maxWords)
        }
        #expect(make() != nil)
        #expect(make(file: 91) == nil, "the energies lie in another file")
        #expect(make(base: 6) == nil, "the energies lie before the record")
        #expect(make(stride: 5) == nil)
        #expect(make(maxWords: 5) == nil, "a record must be read whole")
        #expect(make(stampOffset: 1) == nil, "the stamp shares a word with tariff 1")
        #expect(make(days: 0) == nil)
        // 3 + 1665 × 6 + 6 = 9,999 is the last record's end; one more would pass 10,000.
        #expect(make(days: 1666) != nil)
        #expect(make(days: 1667) == nil)
        #expect(make(mirror: .init(function: .holdingRegisters, base: 65_530)) == nil)
        #expect(make(stride: 8)?.recordsMax == 1, "words that nobody declares lie between")
        #expect(make(maxWords: 125)?.recordsMax == 20, "121 words of a file")
    }
}
