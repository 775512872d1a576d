import Foundation
import Metering

@testable import Store

/// A scenario lived through once without a fault, and then as often as wanted on a disk that fails.
struct FaultCourse {
    private let scenario: FaultScenario
    /// The files there before the first step, by name.
    private let before: [String: Data]
    /// What is held after opening, after the first step, and so on.
    private let undisturbed: [Holdings]
    private let end: EveryRow

    init(_ scenario: FaultScenario) throws {
        self.scenario = scenario
        let disk = try StoreDisk()
        try scenario.prepare(disk.path)
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: disk.folder.path) {
            files[name] = try Data(contentsOf: disk.folder.appending(path: name))
        }
        before = files
        let store = try FaultScenario.open(disk.path)
        var held = [try Holdings(of: store)]
        for step in scenario.steps {
            try step.perform(store)
            held.append(try Holdings(of: store))
        }
        undisturbed = held
        end = try EveryRow(of: store)
        try store.close()
    }

    /// Lives through the scenario while the `nth` call that the fault is about fails. Whoever asked then asks again,
    /// as the daemon does: the same store where it lives, another one where it died. Nothing acknowledged may be
    /// missing, and the end must be the one without a fault.
    /// - Returns: whether there were that many calls, and what was not as it should be.
    func live(failing nth: Int, _ fault: DiskFault) throws -> (hasFailed: Bool, troubles: [String]) {
        let disk = try StoreDisk()
        for (name, content) in before { try content.write(to: disk.folder.appending(path: name)) }
        var store = scenario.disturbsOpening ? nil : try FaultScenario.open(disk.path)
        var acknowledged = 0
        var troubles: [String] = []
        disk.fail(nth, fault)
        do {
            let opened = try store ?? FaultScenario.open(disk.path)
            store = opened
            for step in scenario.steps {
                try step.perform(opened)
                acknowledged += 1
            }
            try opened.close()
            store = nil
        } catch {
            troubles += Self.faults(of: error, path: disk.path)
        }
        guard disk.hasFailed else { return (false, troubles) }
        do {
            if fault.isCut {
                try store?.close()
                try disk.mend()
            } else {
                try disk.mend()
                if let living = store {
                    for step in scenario.steps[acknowledged...] { try step.perform(living) }
                    acknowledged = scenario.steps.count
                    // Every other time the power fails at last: what a failed sync forgot must have been written
                    // again.
                    if nth % 2 == 1 { disk.cut(seed: 0) }
                    try living.close()
                    try disk.mend()
                }
            }
            troubles += try comeBack(disk, acknowledged: acknowledged)
        } catch {
            troubles.append("after the fault was mended: \(error)")
        }
        return (true, troubles)
    }

    /// Another process opens what is left, goes on, and is handed everything a second time.
    private func comeBack(_ disk: StoreDisk, acknowledged: Int) throws -> [String] {
        let store = try FaultScenario.open(disk.path)
        defer { try? store.close() }
        let found = try Holdings(of: store)
        var troubles = found.doubled.map { "doubled: \($0)" }
        troubles += found.lost(of: undisturbed[acknowledged]).map { "acknowledged and lost: \($0)" }
        for step in scenario.steps[acknowledged...] { try step.perform(store) }
        for step in scenario.steps where step.isHandedOverAgain { try step.perform(store) }
        troubles += try EveryRow(of: store).difference(from: end)
        return try troubles + store.integrityCheck()
    }

    /// An error of the store says which file, what was being done, and what happens next.
    private static func faults(of error: any Error, path: String) -> [String] {
        guard let error = error as? StoreError else { return ["no StoreError but \(type(of: error)): \(error)"] }
        let sentence = error.description
        let isWhole =
            sentence.hasPrefix("store \(path): ")
            && [" while ", "cannot be opened", "not started"].contains(where: sentence.contains)
            && ["again", "; check "].contains(where: sentence.contains)
        return isWhole ? [] : ["says too little: \(sentence)"]
    }
}
