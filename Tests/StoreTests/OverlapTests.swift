import Foundation
import Metering
import Testing

@testable import Store

@Suite("Two meters in one place")
struct OverlapTests {
    /// `S1 U1 G1/1 05-01..05-10`: serial, usage point, gateway and unit, days in service; the last may be open.
    private static func meter(_ text: String) throws -> MeterInstallation {
        let words = text.split(separator: " ").map(String.init)
        let place = words[2].split(separator: "/").map(String.init)
        let days = words[3].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return MeterInstallation(
            serial: words[0], usagePoint: words[1], gateway: place[0], unit: try #require(UInt8(place[1])),
            profile: "sdm630", installedOn: LogBook.day(days[0]),
            removedOn: days[2].isEmpty ? nil : LogBook.day(days[2]))
    }

    /// What a registry of these meters is refused for, `S1+S2: usage point U1`; empty when it is taken.
    private static func refusal(_ meters: [String]) throws -> [String] {
        // G1 and G3 are one endpoint, written differently.
        let hosts = ["G1": "gw.example", "G2": "10.0.0.2", "G3": "GW.example"]
        let installations = try meters.map(meter)
        let registry = Registry(
            gateways: hosts.sorted { $0.key < $1.key }.map { Gateway(name: $0.key, host: $0.value) },
            usagePoints: Set(installations.map(\.usagePoint)).sorted().map { UsagePoint(name: $0, customer: "C") },
            installations: installations)
        do {
            _ = try LogBook(registry)
            return []
        } catch StoreError.registryRefused(let faults) {
            return faults.map { fault in
                let words = fault.split(separator: " ").map(String.init)
                let place = fault.components(after: "service at ", before: ";")
                return "\(words[1])+\(words[3]): \(place)"
            }
        }
    }

    @Test(
        "meters at one place at one time are refused by the place, and nothing else is",
        arguments: [
            (["S1 U1 G1/1 05-01..05-10", "S2 U1 G1/2 05-10.."], []),
            (["S1 U1 G1/1 05-01..05-10", "S2 U1 G1/2 05-09.."], ["S1+S2: usage point U1"]),
            // The one that stays longest is not the one just before.
            (
                ["S1 U1 G1/1 05-01..", "S2 U1 G1/2 05-02..05-04", "S3 U1 G1/3 05-20.."],
                ["S1+S2: usage point U1", "S1+S3: usage point U1"]
            ),
            (["S1 U1 G1/1 05-01..05-10", "S2 U2 G1/1 05-10..", "S3 U3 G1/2 05-01.."], []),
            (["S1 U1 G1/1 05-01..", "S2 U2 G1/1 05-10.."], ["S1+S2: gateway G1 unit 1"]),
            // Unit 1 of the next gateway is another place.
            (["S1 U1 G1/1 05-01..", "S2 U2 G2/1 05-01.."], []),
            (["S1 U1 G1/1 05-01..", "S2 U2 G3/1 05-01.."], ["S1+S2: endpoint gw.example:502 unit 1"]),
            (["S1 U1 G1/1 05-01..05-10", "S2 U2 G3/1 05-10..", "S3 U3 G3/2 05-01.."], []),
            // Within one gateway the unit says it; the shared endpoint does not say it again.
            (
                ["S1 U1 G1/1 05-01..", "S2 U2 G1/1 05-01..", "S3 U3 G3/2 05-01.."],
                ["S1+S2: gateway G1 unit 1"]
            ),
            (["S1 U1 G1/1 05-01..05-10", "S1 U2 G1/2 05-10.."], []),
            // The same meter goes on under another multiplier, or after a reset.
            (["S1 U1 G1/1 05-01..05-10", "S1 U1 G1/1 05-10.."], []),
            (["S1 U1 G1/1 05-01..05-10", "S1 U2 G1/2 05-09.."], ["S1+S1: two places at once"]),
        ] as [([String], [String])])
    func overlaps(meters: [String], expected: [String]) throws {
        #expect(try Self.refusal(meters) == expected)
    }

    @Test("a stored meter counts as much as a new one")
    func stored() throws {
        let book = try LogBook()
        var registry = LogBook.registry()
        registry.usagePoints.append(UsagePoint(name: "U2", customer: "C"))
        registry.installations = [try Self.meter("S2 U2 G1/1 06-01..")]
        let error = #expect(throws: StoreError.self) {
            try book.store.importRegistry(registry, at: book.instant("05-02 00:00"))
        }
        #expect(
            error
                == .registryRefused([
                    "meters S1 and S2 are both in service at gateway G1 unit 1; give the one that left its removed_on"
                ]))
    }

    @Test("beyond a hundred contradictions only their number is said")
    func many() throws {
        let meters = (1...104).map { "S\($0) U1 G1/\($0) 05-01.." }
        let registry = Registry(
            gateways: [Gateway(name: "G1", host: "h")], usagePoints: [UsagePoint(name: "U1", customer: "C")],
            installations: try meters.map(Self.meter))
        let error = #expect(throws: StoreError.self) { try LogBook(registry) }
        guard case .registryRefused(let faults) = error else { return }
        #expect(faults.count == 101)
        #expect(faults.last == "and 3 more")
    }
}

extension String {
    /// What stands between the first `start` and the next `end`.
    fileprivate func components(after start: String, before end: String) -> String {
        guard let begin = range(of: start), let finish = range(of: end, range: begin.upperBound..<endIndex) else {
            return self
        }
        return String(self[begin.upperBound..<finish.lowerBound])
    }
}
