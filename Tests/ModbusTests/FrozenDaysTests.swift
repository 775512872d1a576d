import Metering
import Modbus
import Testing

@Suite("Days the meter keeps itself")
struct FrozenDaysTests {
    static func days(_ stamp: FrozenDays.Stamp = .startOfDay) throws -> FrozenDays {
        let built = try #require(BuiltInProfileTests.profile("adl400").frozen)
        return try #require(
            FrozenDays(
                function: built.function, base: built.base, stride: built.stride, slots: built.slots, stamp: stamp,
                stampOffset: built.stampOffset, values: built.values))
    }

    /// 2025-04-20 00 h: year 25 = 0x19, month 4, day 20 = 0x14, hour 0. Dials: 123,456 = 0x1_E240 and its parts.
    static let words: [UInt16] = [
        0x1904, 0x1400,
        0x0001, 0xE240,  // total  1,234.56 kWh
        0x0000, 0x0001,  // spike      0.01
        0x0000, 0x0064,  // peak       1.00
        0x0001, 0x0000,  // flat     655.36
        0xFFFF, 0xFFFF,  // valley 42,949,672.95
    ]
    /// 20,089 days to 2025-01-01, then 31 + 28 + 31 + 19.
    static let day = ServiceDay(number: 20_198)

    @Test("the ADL400's record lies at 0x6000 and every 0x22 words")
    func ranges() throws {
        let days = try Self.days()
        #expect(
            days.registers == [
                .activeImport, .activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4,
            ])
        #expect(days.range(slot: 0)?.description == "FC3 0x6000+12")
        #expect(days.range(slot: 1)?.description == "FC3 0x6022+12")
        // 0x6000 + 89 × 0x22 = 0x6000 + 0xBD2
        #expect(days.range(slot: 89)?.description == "FC3 0x6BD2+12")
        #expect(days.range(slot: 90) == nil)
        #expect(days.range(slot: -1) == nil)
    }

    @Test("a record is the dials of its own date, on the dial's side whatever the multiplier")
    func record() throws {
        let record = try Self.days().record(in: Self.words, multiplier: 20)
        guard case .record(let day, let readings) = record else {
            Issue.record("\(record)")
            return
        }
        #expect(day == Self.day)
        #expect(day.description == "2025-04-20")
        #expect(readings.map(\.index.wattHours) == [1_234_560, 10, 1000, 655_360, 42_949_672_950])
        #expect(
            readings.map(\.register) == [
                .activeImport, .activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4,
            ])
        #expect(readings.allSatisfy { $0.moment == .frozen(Self.day) })
        #expect(readings.first?.words == [0x0001, 0xE240])
    }

    @Test(
        "a stamp at the end of its day is the dial at the next day's first instant",
        arguments: [
            // date word, expected day
            (UInt16(0x1417), "2025-04-21"), (0x1418, "2025-04-21"), (0x1400, "2025-04-21"),
        ])
    func endOfDay(_ dayHour: UInt16, _ expected: String) throws {
        var words = Self.words
        words[1] = dayHour
        guard case .record(let day, let readings) = try Self.days(.endOfDay).record(in: words, multiplier: 1) else {
            Issue.record("no record")
            return
        }
        #expect(day.description == expected)
        #expect(readings.first?.moment == .frozen(day))
    }

    @Test("an unwritten slot is empty", arguments: [UInt16(0), 0xFFFF])
    func empty(_ fill: UInt16) throws {
        #expect(try Self.days().record(in: [UInt16](repeating: fill, count: 12), multiplier: 1) == .empty)
    }

    @Test(
        "a stamp that is no midnight of the calendar makes no index",
        arguments: [
            (UInt16(0x190D), UInt16(0x1400)),  // month 13
            (0x1902, 0x1D00),  // 29 February 2025
            (0x1904, 0x0000),  // day 0
            (0x0000, 0x1400),  // year and month empty, day not
            (0x1904, 0x1407),  // 07:00
            (0x1904, 0x1417),  // 23:00, where the stamp is the start of the day
            (0xFFFF, 0x1400),
        ])
    func unreadable(_ yearMonth: UInt16, _ dayHour: UInt16) throws {
        var words = Self.words
        (words[0], words[1]) = (yearMonth, dayHour)
        guard case .unreadable(let why) = try Self.days().record(in: words, multiplier: 1) else {
            Issue.record("taken for a record")
            return
        }
        #expect(why.contains("timestamp 0x"))
    }

    @Test("a record past its address space, its stride or its function cannot be described")
    func impossible() throws {
        let built = try Self.days()
        func make(stride: Int = 0x22, slots: Int = 90, base: UInt16 = 0x6000, values: [ProfileValue]? = nil)
            -> FrozenDays?
        {
            FrozenDays(
                function: .holdingRegisters, base: base, stride: stride, slots: slots, stamp: .startOfDay,
                stampOffset: 0, values: values ?? built.values)
        }
        #expect(make() != nil)
        #expect(make(stride: 11) == nil)
        // The last record of 1205 starts at 0x6000 + 1204 × 34 = 65,512 and ends at 65,524; one more would not fit.
        #expect(make(slots: 1205) != nil)
        #expect(make(slots: 1206) == nil)
        #expect(make(slots: 0) == nil)
        #expect(make(base: 0x6003) == nil, "the first dial would lie before the record")
        #expect(make(base: 0x6001) == nil, "the first dial would lie on the stamp")
        #expect(make(values: []) == nil)
    }
}
