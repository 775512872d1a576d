import Foundation
import Testing

@testable import Store

/// As SQLite's own tests do: the first call on the disk fails, then the second, and so on until the whole scenario
/// passes without a failure. Some scenarios make hundreds of calls: the first ones fail each in turn, then every
/// seventeenth, a different one for each fault; with `METERD_EVERY_CALL` set, all of them (`make fault-check`).
@Suite("A disk that fails")
struct DiskFaultTests {
    private static let isThorough = ProcessInfo.processInfo.environment["METERD_EVERY_CALL"] != nil

    @Test("whichever call fails, nothing acknowledged is lost and nothing is doubled", arguments: FaultScenario.all)
    func everyCall(_ scenario: FaultScenario) throws {
        let course = try FaultCourse(scenario)
        for (row, fault) in DiskFault.all.enumerated() {
            var nth = 1
            while true {
                let (hasFailed, troubles) = try course.live(failing: nth, fault)
                #expect(troubles == [], "\(fault): call \(nth)")
                guard hasFailed else { break }
                nth += Self.isThorough || nth < 4 ? 1 : nth == 4 ? 1 + row : 17
            }
        }
    }
}
