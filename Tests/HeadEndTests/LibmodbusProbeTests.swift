import CLibmodbus
import Foundation
import MeterFleet
import Metering
import Modbus
import Synchronization
import Testing

@testable import HeadEnd

/// libmodbus's client against the simulator's server, and its reading of words against ours.
@Suite("libmodbus reads what the simulator says")
struct LibmodbusProbeTests {
    private static let calendar = ServiceCalendar.vietnam
    private static let origin = ServiceDay(number: 20_179)
    private static let number: Int64 = 7

    /// Civil time that moves 7 min 13 s on with each look at it, and remembers what it said.
    private final class SteppingClock: Sendable {
        private let shown = Mutex<[Instant]>([])

        func next() -> Instant {
            shown.withLock { shown in
                let start = calendar.start(of: origin + 38) + .hours(17)
                shown.append(start + .seconds(Int64(shown.count) * 433))
                return shown[shown.count - 1]
            }
        }

        var all: [Instant] { shown.withLock { $0 } }
    }

    /// A model, the step of its live dials in Wh, and whether they count on the primary side: from the makers' tables.
    private static let models: [(profile: String, step: Int64, isPrimary: Bool)] = [
        ("adl400", 100, true), ("sdm630", 10, false), ("sdm120", 10, false), ("abb-b23", 10, false),
        ("iem3155", 1, false), ("em24", 100, false), ("siemens-pac", 1, false),
    ]

    @Test("each value of each model is the fleet's truth of that moment", arguments: models, [1, 40])
    func probe(model: (profile: String, step: Int64, isPrimary: Bool), multiplier: Int64) async throws {
        let profile = try #require(try ProfileLibrary.load(folder: nil)[model.profile])
        let household = Household(
            seed: 5, number: Self.number, origin: Self.origin, ceilingWatts: profile.ceilingWatts)
        let meter = SimulatedMeter(
            number: Self.number, unit: 23, names: MeterNames(district: "PA0901"), model: MeterModel(profile),
            dial: .household(household), multiplier: multiplier, installed: Self.origin)
        let clock = SteppingClock()
        let fleet = Fleet(
            seed: 5, calendar: Self.calendar, origin: Self.origin,
            gateways: [SimulatedGateway(name: "GW", port: 0, meters: .listed([23: meter]))])
        let server = FleetServer(fleet: fleet) { clock.next() }
        let port = try await server.start()[0]
        let answers = await Self.onThread {
            Result { () throws(LibmodbusProbe.Failure) in
                try LibmodbusProbe(host: "127.0.0.1", port: port, unit: 23).read(profile, multiplier: multiplier)
            }
        }
        await server.stop()

        // The fleet looks at its clock once a request, and libmodbus asks one after the other.
        let given = try answers.get()
        try #require(given.count == clock.all.count)
        var seen: [String] = []
        for (answer, instant) in zip(given, clock.all) {
            let face = household.face(at: CivilMoment(instant, in: Self.calendar))
            for value in try answer.result.get() {
                seen.append(value.value.name)
                switch value.outcome {
                case .energy(let index):
                    let register = try #require(value.value.register)
                    let factor = model.isPrimary ? multiplier : 1
                    let shown = face[register].wattHours * factor / model.step * model.step / factor
                    #expect(index.wattHours == shown, "\(value.value.name) at \(instant.seconds)")
                    if value.value.encoding.type == .f32 { Self.compareFloat(value, shown, model.step) }
                case .text(let text) where value.value == profile.identity?.serial:
                    #expect(text == "24000007")
                case .text(let text) where value.value == profile.identity?.firmware:
                    #expect(["SIM 1", "1", "00000001"].contains(text), "\(text)")
                case .text:
                    #expect(profile.identity?.model?.accepts(value.words) == true, "\(value.value.name)")
                case .quantity(let text, let unit):
                    Self.expectPlausible(text, unit)
                case .absent(let why):
                    Issue.record("\(value.value.name): \(why)")
                }
            }
        }
        #expect(Set(seen) == Set(profile.values.map(\.name) + Self.identityNames(profile)))
        #expect(seen.count == Set(seen).count)
    }

    private static func identityNames(_ profile: MeterProfile) -> [String] {
        [
            profile.identity?.model?.value.name, profile.identity?.serial?.name, profile.identity?.firmware?.name,
        ].compactMap { $0 }
    }

    /// libmodbus's own reading of the two words, in kWh, lies within half a step of the truth.
    private static func compareFloat(_ value: DecodedValue, _ wattHours: Int64, _ step: Int64) {
        let kilowattHours = Double(modbus_get_float_abcd(value.words))
        #expect(abs(kilowattHours * 1000 - Double(wattHours)) < Double(step) / 2, "\(value.value.name)")
    }

    private static func expectPlausible(_ text: String, _ unit: String) {
        let number = Double(text) ?? .nan
        switch unit {
        case "V": #expect((224...236).contains(number), "\(text) V")
        case "Hz": #expect((49.9...50.1).contains(number), "\(text) Hz")
        default: #expect(number >= 0, "\(text) \(unit)")
        }
    }

    /// libmodbus blocks, and no task may.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    // MARK: - Word orders

    /// Finite floats of either sign from 2⁻²⁰ to 2³³: every size a dial has, and some it has not.
    private static func floats(_ count: Int) -> [Float] {
        var random = SeededRandom(seed: 1_000)
        return (0..<count).map { _ in
            let bits = UInt32(truncatingIfNeeded: random.next())
            let exponent = UInt32.random(in: 107...160, using: &random)
            return Float(bitPattern: bits & 0x807F_FFFF | exponent << 23)
        }
    }

    @Test("1,000 floats in every word order are read alike by libmodbus and by us")
    func wordOrders() throws {
        let big = try #require(WordEncoding(type: .f32, order: .big))
        let little = try #require(WordEncoding(type: .f32, order: .little))
        let bigSwapped = try #require(WordEncoding(type: .f32, order: .bigSwapped))
        let littleSwapped = try #require(WordEncoding(type: .f32, order: .littleSwapped))
        for float in Self.floats(1000) {
            let words = [UInt16(float.bitPattern >> 16), UInt16(truncatingIfNeeded: float.bitPattern)]
            let reversed: [UInt16] = words.reversed()
            // What libmodbus reads × 1000 has at most 34 significant bits: exact in a double, and so is the rounding.
            #expect(big.content(of: words) == .number(Self.thousandths(modbus_get_float_abcd(words))), "\(float)")
            #expect(
                little.content(of: reversed) == .number(Self.thousandths(modbus_get_float_cdab(reversed))), "\(float)")
            #expect(big.content(of: words) == .number(Self.thousandths(float)), "\(float)")
            let (badc, dcba) = (words.map(\.byteSwapped), reversed.map(\.byteSwapped))
            #expect(modbus_get_float_badc(badc) == float && modbus_get_float_dcba(dcba) == float)
            #expect(bigSwapped.content(of: badc) == .number(Self.thousandths(float)), "\(float)")
            #expect(littleSwapped.content(of: dcba) == .number(Self.thousandths(float)), "\(float)")
        }
    }

    private static func thousandths(_ float: Float) -> Int64 {
        Int64((Double(float) * 1000).rounded(.toNearestOrAwayFromZero))
    }
}
