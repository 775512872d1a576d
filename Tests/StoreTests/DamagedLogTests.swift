import Foundation
import Metering
import Testing

@testable import Store

/// What is beside the file after a process died: its log, `-wal`, and the log's index, `-shm`.
@Suite("Damaged logs")
struct DamagedLogTests {
    /// A process that died after some batches: its file, its log, and how long the log was and what was held after
    /// each batch.
    private struct Dead {
        let file: Data
        let log: Data
        let lengths: [Int]
        let held: [EveryRow]
    }

    private static let dead = Result { () throws -> Dead in
        let disk = try StoreDisk()
        let store = try FaultScenario.open(disk.path)
        defer { try? store.close() }
        _ = try store.importRegistry(FaultScenario.registry(), at: LogBook.instant("05-01 00:00"))
        try store.checkpoint()
        func log() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: disk.path + "-wal")) }
        var (lengths, held) = ([try log().count], [try EveryRow(of: store)])
        for batch in FaultScenario.batches {
            _ = try store.ingest(batch)
            lengths.append(try log().count)
            held.append(try EveryRow(of: store))
        }
        return Dead(
            file: try Data(contentsOf: URL(fileURLWithPath: disk.path)), log: try log(), lengths: lengths, held: held)
    }

    /// Opens what the dead process left, and hands everything over again.
    /// - Returns: how many batches were still there.
    private static func comeBack(file: Data, log: Data?, index: Data? = nil, _ dead: Dead) throws -> Int? {
        let disk = try StoreDisk()
        for (suffix, content) in [("", file), ("-wal", log), ("-shm", index)] {
            try content?.write(to: URL(fileURLWithPath: disk.path + suffix))
        }
        let store = try FaultScenario.open(disk.path)
        defer { try? store.close() }
        #expect(try store.integrityCheck() == [])
        let found = try EveryRow(of: store)
        for batch in FaultScenario.batches { _ = try store.ingest(batch) }
        #expect(try EveryRow(of: store).difference(from: try #require(dead.held.last)) == [])
        return dead.held.firstIndex { found.difference(from: $0) == [] }
    }

    @Test("a log that was cut off keeps every batch that is whole, and the torn one goes")
    func cutOff() throws {
        let dead = try Self.dead.get()
        let frame = 24 + 4096
        for (count, length) in dead.lengths.enumerated() {
            let next = count + 1 < dead.lengths.count ? dead.lengths[count + 1] : length
            // At the end of a batch, inside the first frame after it, and one byte short of the next batch.
            for cut in Set([length, min(length + frame / 2, next - 1), next - 1]) where cut >= length {
                let left = try Self.comeBack(file: dead.file, log: dead.log.prefix(cut), dead)
                #expect(left == count, "cut at \(cut) of \(dead.log.count) bytes")
            }
        }
    }

    @Test("a log with a flipped bit keeps every batch before it")
    func flipped() throws {
        let dead = try Self.dead.get()
        var random = SeededSequence(seed: 7)
        for count in 1..<dead.lengths.count {
            let batch = max(32, dead.lengths[count - 1])..<dead.lengths[count]
            let at = batch.lowerBound + Int(random.next() % UInt64(batch.count))
            var log = dead.log
            log[at] ^= UInt8(1) << (random.next() % 8)
            #expect(try Self.comeBack(file: dead.file, log: log, dead) == count - 1, "byte \(at)")
        }
    }

    @Test("a log that is none counts as empty: the file is as it was when the log was emptied last")
    func garbage() throws {
        let dead = try Self.dead.get()
        var random = SeededSequence(seed: 8)
        let noise = Data((0..<20_000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        for log in [nil, Data(), Data(count: 32), Data(count: 8192), noise, dead.log.prefix(20)] {
            #expect(try Self.comeBack(file: dead.file, log: log, dead) == 0)
        }
    }

    @Test("whatever stands in the log's index, it is made anew from the log")
    func index() throws {
        let dead = try Self.dead.get()
        var random = SeededSequence(seed: 9)
        let noise = Data((0..<32_768).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        for index in [Data(), Data(count: 32_768), noise, noise.prefix(100)] {
            let left = try Self.comeBack(file: dead.file, log: dead.log, index: index, dead)
            #expect(left == FaultScenario.batches.count)
        }
    }
}
