import Billing
import Foundation
import Metering
import Modbus
import Testing

@testable import Rehearsal

/// A folder that goes with the test.
final class RehearsalFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "rehearsal-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

@Suite("A world's course")
struct CourseTests {
    private let library: ProfileLibrary
    private let tariffs: TariffBook
    private let folder: RehearsalFolder

    init() throws {
        library = try ProfileLibrary.load(folder: nil)
        tariffs = try TariffBook.load(folder: nil)
        folder = try RehearsalFolder()
    }

    private func report(_ world: World) throws -> RehearsalReport {
        try Rehearsal.report(world, library: library, tariffs: tariffs, below: folder.url)
    }

    @Test("is without a finding where nothing goes wrong", arguments: [UInt64(1), 2])
    func calm(seed: UInt64) throws {
        let report = try report(World(seed: seed, days: 3, library: library, isCalm: true))
        #expect(report.findings.map(\.description) == [])
        #expect(report.figures.requests > 1000 && report.figures.lives == 1)
    }

    @Test("is the same whenever it is lived through")
    func same() throws {
        let world = World(seed: 7, days: 3, library: library)
        let (first, second) = (try report(world), try report(world))
        #expect(first.figures == second.figures)
        #expect(try report(World(seed: 8, days: 3, library: library)).figures.digest != first.figures.digest)
    }
}
