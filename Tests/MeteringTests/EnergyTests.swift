import Metering
import Testing

@Suite("energy")
struct EnergyTests {
    @Test(
        "is shown as kilowatt-hours with three exact decimals",
        arguments: [
            (0, "0.000"), (1, "0.001"), (-1, "-0.001"), (-5, "-0.005"), (999, "0.999"), (1000, "1.000"),
            (-1000, "-1.000"),
            (1_234_560, "1234.560"), (-1_234_067, "-1234.067"), (.max, "9223372036854775.807"),
            (.min, "-9223372036854775.808"),
        ] as [(Int64, String)])
    func text(wattHours: Int64, kilowattHours: String) {
        #expect(Energy(wattHours: wattHours).kilowattHours == kilowattHours)
        #expect(Energy(wattHours: wattHours).description == "\(kilowattHours) kWh")
    }

    @Test("adds, subtracts, multiplies and compares in whole watt-hours")
    func arithmetic() {
        let dial = Energy(wattHours: 1500)
        #expect(dial + Energy(wattHours: 1) == Energy(wattHours: 1501))
        #expect(dial - Energy(wattHours: 2000) == Energy(wattHours: -500))
        #expect(dial * 60 == Energy(wattHours: 90_000))
        #expect(.zero < dial)
        #expect(Energy.zero.wattHours == 0)
    }
}
