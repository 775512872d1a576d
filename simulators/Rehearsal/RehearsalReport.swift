import Billing
import Foundation
import Metering
import Modbus
import Store
import VEE

/// What came of one seed.
package struct RehearsalReport: Sendable {
    package let world: World
    package let figures: Figures
    package let findings: [Finding]

    /// `seed 7: no promise broken`; each finding is one that is.
    package var verdict: String {
        switch findings.count {
        case 0: "seed \(world.seed): no promise broken"
        case 1: "seed \(world.seed): 1 promise broken"
        default: "seed \(world.seed): \(findings.count) promises broken"
        }
    }

    /// The last one hands everything over again, so it comes last.
    package static let checks: [any Check] = [
        IndexCheck(), DialCheck(), ProvenanceCheck(), SilenceCheck(), BillCheck(), CountCheck(), LivenessCheck(),
        LimitCheck(), RepetitionCheck(),
    ]
}

extension Rehearsal {
    /// Lives through the world of a seed in a folder of its own below `folder`, and checks what came of it.
    package static func report(
        _ world: World, library: ProfileLibrary, rules: RuleBook, tariffs: TariffBook, below folder: URL,
        trace: ((String) -> Void)? = nil
    ) throws -> RehearsalReport {
        let place = folder.appendingPathComponent("rehearsal-\(world.seed)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let rehearsal = Rehearsal(world, library: library, rules: rules, folder: place, trace: trace)
        try rehearsal.run()
        let evidence = try rehearsal.evidence(tariffs: tariffs)
        var findings = rehearsal.record.surprises.map { Finding(check: "course", sentence: $0) }
        for check in RehearsalReport.checks { findings += try check.findings(in: evidence) }
        try evidence.store.close()
        return RehearsalReport(world: world, figures: rehearsal.figures, findings: findings)
    }

    /// After `run`: what the checks look at.
    package func evidence(tariffs: TariffBook) throws -> Evidence {
        guard let store else { preconditionFailure("a world is checked after it was lived through") }
        return try Evidence(world: world, store: store, record: record, profiles: profiles, tariffs: tariffs)
    }
}
