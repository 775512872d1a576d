import Metering
import Testing

@testable import Store
@testable import Web

@Suite("The document of stations' balances")
struct StationBalanceDocumentTests {
    private static func day(_ station: String, supplied: Int64, estimated: Int64 = 0, unknown: Int = 0) throws
        -> StationDay
    {
        var balance = StationBalance()
        balance.input = Energy(wattHours: 1_000_000)
        balance.supplied = Energy(wattHours: supplied)
        balance.estimated = Energy(wattHours: estimated)
        (balance.stationMeters, balance.customers, balance.unknownCustomers) = (1, 40, unknown)
        return StationDay(day: try #require(ServiceDay(iso: "2025-05-10")), station: station, balance: balance)
    }

    private static func document() throws -> StationBalanceDocument {
        StationBalanceDocument(
            try [
                day("T1", supplied: 880_400), day("T2", supplied: 1_030_000),
                day("T3", supplied: 950_000, estimated: 60_000), day("T4", supplied: 700_000, unknown: 3),
            ], estimatedMost: 50)
    }

    @Test("says for a terminal why a loss, or its percentage, is not told")
    func text() throws {
        let lines = try Self.document().text.split(separator: "\n").map {
            $0.split(separator: "  ", omittingEmptySubsequences: true).map { $0.trimmingPrefix(" ") }
        }
        #expect(lines[1] == ["2025-05-10", "T1", "119.600", "12.0 %", "1000.000", "0.000", "880.400", "0.0 %", "40"])
        #expect(lines[2].dropFirst(2).prefix(2) == ["-30.000", "-3.0 %"])
        #expect(lines[2].last == "below zero: an assignment, a multiplier or a meter is wrong")
        #expect(lines[3].contains("50.000") && lines[3].last == "more than 5.0 % is estimated")
        #expect(lines[4].last == "3 customers are not known")
    }

    @Test("is empty in CSV and null in JSON where nothing is told, never 0")
    func programs() throws {
        let rows = try Self.document().csv.split(separator: "\n")
        #expect(rows[1] == "2025-05-10,T1,119600,120,1000000,0,0,880400,0,0,1,0,40,0")
        #expect(rows[4] == "2025-05-10,T4,,,1000000,0,0,700000,0,0,1,0,40,3")
        let json = try Self.document().json.text
        #expect(json.contains("\"station\":\"T4\",\"loss_wh\":null,\"loss_thousandths\":null,"))
    }
}
