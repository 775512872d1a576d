import FailingDisk
import Foundation
import GRDB
import Metering
import Testing

@testable import Store

/// What the operator reads: which file, what was being done, what happens next, and what to do.
@Suite("Faults of the disk, in words")
struct FaultMessageTests {
    private static let batch = FaultScenario.batches[0]

    /// A store with a registry on a disk of its own; `body` gets both.
    private static func with(
        busyMilliseconds: Int = 5000, _ body: (StoreDisk, Store) throws -> Void
    ) throws {
        let disk = try StoreDisk()
        let store = try Store(
            path: disk.path, role: .daemon, calendar: .vietnam, busyMilliseconds: busyMilliseconds)
        defer { try? store.close() }
        _ = try store.importRegistry(FaultScenario.registry(), at: LogBook.instant("05-01 00:00"))
        try body(disk, store)
    }

    private static func fault(_ calls: Int, _ manner: Int = FAILING_DISK_REFUSES, lasts: Bool = false) -> DiskFault {
        DiskFault(description: "", calls: calls, manner: manner, lasts: lasts)
    }

    @Test("a full disk is named, nothing of the batch is kept, and the store goes on when there is space again")
    func full() throws {
        try Self.with { disk, store in
            let before = try EveryRow(of: store)
            disk.fail(3, Self.fault(FAILING_DISK_WRITE, FAILING_DISK_FILLS, lasts: true))
            for _ in 1...3 {
                let error = #expect(throws: StoreError.self) { try store.ingest(Self.batch) }
                #expect(error == .diskFull(path: disk.path, doing: "storing 2 poll outcomes"))
                #expect(try EveryRow(of: store).difference(from: before) == [])
            }
            let sentence = StoreError.diskFull(path: "P", doing: "D").description
            #expect(
                sentence == "store P: no space left while D; nothing of it was kept; free space and it is tried again")
            try disk.mend()
            #expect(try store.ingest(Self.batch).accepted == 4)
        }
    }

    @Test(
        "a disk that fails to write or to sync is told from a full one, with what to look at",
        arguments: [(FAILING_DISK_WRITE, Int32(778)), (FAILING_DISK_SYNC, Int32(1034))])
    func fails(_ calls: Int, _ code: Int32) throws {
        try Self.with { disk, store in
            disk.fail(1, Self.fault(calls))
            let error = #expect(throws: StoreError.self) { try store.ingest(Self.batch) }
            #expect(
                error
                    == .diskFailed(
                        path: disk.path, doing: "storing 2 poll outcomes", code: code, message: "disk I/O error"))
            let sentence = """
                store \(disk.path): the disk failed while storing 2 poll outcomes (SQLite \(code): disk I/O \
                error); nothing of it counts as stored, it is tried again; look at the kernel's log and at the disk
                """
            #expect(error?.description == sentence)
            let report = try store.ingest(Self.batch)
            #expect(report.accepted == 4)
        }
    }

    @Test("shared memory that cannot grow is a full disk too")
    func sharedMemory() throws {
        let disk = try StoreDisk()
        disk.fail(1, Self.fault(FAILING_DISK_SHARE))
        let error = #expect(throws: StoreError.self) { try FaultScenario.open(disk.path) }
        #expect(error == .diskFull(path: disk.path, doing: "opening it"))
        try FaultScenario.open(disk.path).close()
    }

    @Test("a file that does not open is named with its folder, owner and permissions to check")
    func doesNotOpen() throws {
        let disk = try StoreDisk()
        disk.fail(1, Self.fault(FAILING_DISK_OPEN))
        let error = #expect(throws: StoreError.self) { try FaultScenario.open(disk.path) }
        #expect(error == .cannotOpen(path: disk.path, why: "unable to open database file"))
        try FaultScenario.open(disk.path).close()
    }

    @Test("a file that may only be read is refused at the start")
    func readOnly() throws {
        let disk = try StoreDisk()
        try FaultScenario.open(disk.path).close()
        disk.forbidWriting(true)
        let error = #expect(throws: StoreError.self) { try FaultScenario.open(disk.path) }
        #expect(error == .cannotOpen(path: disk.path, why: "unable to open database file"))
        disk.forbidWriting(false)
        try FaultScenario.open(disk.path).close()
    }

    @Test("another process that keeps the file locked is waited for, then named; the batch is stored once it let go")
    func locked() throws {
        try Self.with(busyMilliseconds: 50) { disk, store in
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: disk.path, configuration: configuration)
            try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let error = #expect(throws: StoreError.self) { try store.ingest(Self.batch) }
            #expect(error == .locked(path: disk.path, doing: "storing 2 poll outcomes", milliseconds: 50))
            let sentence = """
                store \(disk.path): another process kept it locked for more than 50 ms while storing 2 poll \
                outcomes; nothing of it was kept; it is tried again
                """
            #expect(error?.description == sentence)
            try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
            try other.close()
            #expect(try store.ingest(Self.batch).accepted == 4)
        }
    }

    @Test("nothing that is acknowledged rests on what a failed sync forgot", arguments: [false, true])
    func failedSync(_ diesThen: Bool) throws {
        let disk = try StoreDisk()
        var store = try FaultScenario.open(disk.path)
        let registry = FaultScenario.registry()
        disk.fail(1, Self.fault(FAILING_DISK_SYNC, FAILING_DISK_FORGETS))
        #expect(throws: StoreError.self) { try store.importRegistry(registry, at: LogBook.instant("05-01 00:00")) }
        if diesThen {
            // The next process finds the refused import in the log, whole, and not on the disk.
            disk.fail(1, Self.fault(FAILING_DISK_CHANGE, lasts: true))
            try store.close()
            try disk.mend()
            store = try FaultScenario.open(disk.path)
        }
        _ = try store.importRegistry(registry, at: LogBook.instant("05-01 00:00"))
        disk.cut(seed: 0)
        try store.close()
        try disk.mend()
        store = try FaultScenario.open(disk.path)
        defer { try? store.close() }
        #expect(try store.meters(inServiceOn: LogBook.day("05-01")).count == 2)
    }
}
