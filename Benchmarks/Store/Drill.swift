import ArgumentParser
import Dispatch
import Foundation
import Metering
import Store
import Synchronization

/// The disaster of docs/OPERATING.md, rehearsed with the province: a backup while nights come in, its restoration where
/// there was nothing, `verify`, and the last day that was acknowledged before the backup held against the dials.
struct Drill: ParsableCommand {
    @OptionGroup var place: Place

    /// The last of the spare days: `serve` has used earlier ones.
    private static let nights = (Truth.last + Truth.spare - 4)...(Truth.last + Truth.spare - 2)

    func run() throws {
        let field = try Field(place, place.store())
        let acknowledged = Self.nights.lowerBound
        try field.freeze(acknowledged, .gateways, beside: "before the backup")
        let backup = place.url.appendingPathComponent("drill.backup").path
        let taken = try field.back(up: backup, while: Array(Self.nights.dropFirst()))
        try field.store.close()

        let restored = place.url.appendingPathComponent("restored.sqlite").path
        var restoring = Effort()
        _ = try restoring.measure {
            try Store.restore(backup, to: restored, replace: false, utc: Instant(microseconds: 0))
        }
        let other = try Field(place, place.store("restored"))
        var (verifying, findings) = (Effort(), 0)
        let report = try verifying.measure { try other.store.verify(VerificationScope()) { _ in findings += 1 } }
        guard findings == 0 else { throw ValidationError("\(findings) findings in the restored store") }
        let found = try other.pass(acknowledged...acknowledged, threads: 1)
        let known = other.whatDialsShowed(on: acknowledged...acknowledged)
        guard found.indices == known.indices, found.wattHours == known.wattHours else {
            throw ValidationError("\(acknowledged) was acknowledged, and is not whole in the restored store")
        }
        try other.report.line(
            "drill", of: ["acknowledged": "\(acknowledged)"],
            [
                "bytes": Double(taken.bytes), "backup": taken.seconds, "log": taken.logBytes,
                "restore": restoring.seconds, "verify": verifying.seconds, "findings": Double(findings),
                "verified": Double(report.indices), "indices": Double(found.indices),
            ])
        try other.store.close()
        for name in [backup, backup + ".json", restored] { try FileManager.default.removeItem(atPath: name) }
    }
}

extension Field {
    /// What a backup took; the log at its largest.
    fileprivate func back(up file: String, while nights: [ServiceDay]) throws -> (
        bytes: Int64, seconds: Double, logBytes: Double
    ) {
        let failure = Mutex<(any Error)?>(nil)
        let ingest = DispatchGroup()
        DispatchQueue.global().async(group: ingest) {
            do {
                for day in nights { try freeze(day, .gateways, beside: "a backup") }
            } catch { failure.withLock { $0 = error } }
        }
        var (effort, log) = (Effort(), Int64(0))
        let manifest = try effort.measure {
            try store.backup(
                to: file, replace: false, version: "bench", civil: Instant(microseconds: 0),
                utc: Instant(microseconds: 0)
            ) { _ in log = max(log, store.logBytes) }
        }
        ingest.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        return (manifest.bytes, effort.seconds, Double(log))
    }
}
