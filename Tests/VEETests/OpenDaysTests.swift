import Metering
import Testing

@testable import VEE

@Suite("days that no index closes")
struct OpenDaysTests {
    private static let monday = ServiceDay(number: 20_213)  // 2025-05-05

    /// Three days after `known` ones of 8 kWh, but for Sundays, which took 12.
    private static func told(
        known: Int, by method: EstimationMethod = .meanOf28Days, holidays: Set<ServiceDay> = [],
        classes: [Int: Int64] = [:]
    ) -> [String] {
        let energies = (monday - known..<monday).map { Energy(wattHours: $0.weekday == 7 ? 12_000 : 8000) }
        return projected(
            monday..<monday + 3, after: DayEnergies(first: monday - known, energies: energies), by: method,
            kinds: DayKinds(holidays: holidays),
            classMean: { day in classes[day - monday].map { Energy(wattHours: $0) } }
        ).map {
            "\($0.day.description.dropFirst(5)) \($0.energy.wattHours) \($0.method.rawValue) \($0.method.espiCode)"
        }
    }

    @Test("are told by the mean of 28 days, exact over all of them, or by the days like them; a holiday is a Sunday")
    func own() {
        // 24 days of 8 kWh and 4 of 12: 240 kWh in 28 days.
        #expect(
            Self.told(known: 28)
                == [
                    "05-05 8571 mean of 28 days 12", "05-06 8571 mean of 28 days 12", "05-07 8572 mean of 28 days 12",
                ])
        #expect(
            Self.told(known: 28, by: .likeDays, holidays: [Self.monday + 1])
                == ["05-05 8000 like days 8", "05-06 12000 like days 8", "05-07 8000 like days 8"])
    }

    @Test("are told by the class where fewer than 14 days before are known, each by itself")
    func newcomer() {
        #expect(Self.told(known: 14).allSatisfy { $0.hasSuffix("mean of 28 days 12") })
        #expect(
            Self.told(known: 13, classes: [0: 5000, 2: 6000])
                == ["05-05 5000 class mean 12", "05-07 6000 class mean 12"])
    }

    @Test("are not told where neither is known")
    func neither() { #expect(Self.told(known: 13).isEmpty) }
}
