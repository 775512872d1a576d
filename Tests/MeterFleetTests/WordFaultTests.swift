import MeterFleet
import Metering
import Modbus
import Testing

private func holding(_ address: UInt16, _ count: UInt16) -> WordRange { words(.holdingRegisters, address, count) }

@Suite("Words of a faulty meter")
struct WordFaultTests {
    /// The words that a meter of a model, standing at 1,234.567 kWh, answers under a fault.
    private func words(_ kind: FaultKind, _ model: String, _ range: WordRange) -> [UInt16] {
        var rig = WireRig(
            SimulatedGateway(
                name: "GW", port: 0, faults: [Fault(kind)],
                meters: .listed([1: meter(model, dial: standing(at: 1_234_567))])))
        rig.open()
        rig.ask(range)
        let bytes = rig.bytes()
        return stride(from: 9, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }

    private func swapped(_ model: String, _ range: WordRange) -> [UInt16] {
        words(.swappedWords(FaultKind.WordScope(frozen: true)), model, range)
    }

    @Test("stand in reverse order, number by number")
    func reversed() {
        // 123,456 × 0.01 kWh in 64 bits; 12,345 × 0.1 kWh in 32 bits, five times.
        #expect(swapped("abb-b23", holding(0x5000, 4)) == [0xE240, 1, 0, 0])
        let live = swapped("adl400", holding(0x084C, 4))
        #expect(live == [12_345, 0, 12_345, 0])
        // The stamp of a frozen day is no number of the meter's table; 123,456 × 0.01 kWh is.
        let frozen = swapped("adl400", holding(0x6000, 4))
        #expect(frozen == [25 << 8 | 5, 10 << 8, 0xE240, 1])
    }

    @Test("stay as they are where a read holds only part of a number, and in texts and serials")
    func untouched() {
        #expect(swapped("abb-b23", holding(0x5002, 2)) == [1, 0xE240])
        let model = holding(0x8960, 2)
        #expect(swapped("abb-b23", model) == [0x4232, 0x3320])
        let serial = holding(0x8900, 2)
        #expect(swapped("abb-b23", serial) == [0x016E, 0x3601])
    }

    private static let live = MeterFleetTests.words(.inputRegisters, 0x0048, 2)

    /// What "not available" looks like: the model's own value, else its type's.
    private static let absences: [(FaultKind.Absence, String, WordRange, [UInt16])] = [
        // u64, i32, u16 by the model's table
        (.model, "abb-b23", holding(0x5000, 4), [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]),
        (.model, "abb-b23", holding(0x5B14, 2), [0x7FFF, 0xFFFF]),
        (.model, "abb-b23", holding(0x5B2C, 1), [0xFFFF]),
        // i64; i32 with its low word first
        (.model, "iem3155", holding(3203, 4), [0x8000, 0, 0, 0]),
        (.model, "em24", holding(0x003E, 2), [0, 0x7FFF]),
        // u32 and f32, of which the table says nothing
        (.model, "adl400", holding(0x084C, 2), [0xFFFF, 0xFFFF]),
        (.model, "sdm630", live, [0x7FC0, 0]),
        (.allOnes, "sdm630", live, [0xFFFF, 0xFFFF]),
        (.infinity, "sdm630", live, [0x7F80, 0]),
        (.signOnly, "adl400", holding(0x084C, 2), [0x8000, 0]),
        (.zero, "adl400", holding(0x084C, 2), [0, 0]),
    ]

    @Test("say \"not available\" in every type", arguments: absences)
    func absent(absence: FaultKind.Absence, model: String, range: WordRange, expected: [UInt16]) {
        #expect(words(.notAvailable(absence, FaultKind.WordScope()), model, range) == expected)
    }

    @Test("say so only of the registers named")
    func scope() {
        let kind = FaultKind.notAvailable(.model, FaultKind.WordScope(registers: [.activeImportT1]))
        let live = words(kind, "adl400", holding(0x084C, 6))
        #expect(live == [0, 12_345, 0xFFFF, 0xFFFF, 0, 0])
        let frozen = holding(0x6000, 6)
        #expect(words(kind, "adl400", frozen).suffix(4) == [1, 0xE240, 1, 0xE240])
    }

    @Test("show zero, or whatever, on every dial after a reboot, but not in voltages or what is kept")
    func reboot() {
        let range = holding(0x5000, 8)
        let zero = FaultKind.falseIndex(.zero, FaultKind.WordScope())
        #expect(words(zero, "abb-b23", range) == [0, 0, 0, 0, 0, 0, 0, 0])
        let garbage = words(.falseIndex(.garbage, FaultKind.WordScope()), "abb-b23", range)
        #expect(Set(garbage).count > 4)
        let voltage = holding(0x5B00, 2)
        #expect((2240...2360).contains(words(zero, "abb-b23", voltage)[1]))
        let kept = holding(0x6000, 4)
        #expect(words(zero, "adl400", kept).suffix(2) == [1, 0xE240])
    }

    @Test("leave the truth alone")
    func truth() {
        let kinds: [FaultKind] = [
            .swappedWords(FaultKind.WordScope(frozen: true)), .notAvailable(.model, FaultKind.WordScope(frozen: true)),
            .falseIndex(.zero, FaultKind.WordScope(frozen: true)), .gatewayDead(.reset), .silence(),
        ]
        func lines(_ faults: [Fault]) -> [String] {
            let fleet = Fleet(
                seed: 1, calendar: .vietnam, origin: day("2025-04-01"), gateways: [faulty(faults)])
            var lines: [String] = []
            FleetTruth(fleet, from: day("2025-05-09"), through: day("2025-05-11")).forEachLine { lines.append($0) }
            return lines
        }
        #expect(lines(kinds.map { Fault($0) }) == lines([]))
        #expect(lines([]).contains("PA09010000001,import,2025-05-10,1234560\n"))
    }
}
