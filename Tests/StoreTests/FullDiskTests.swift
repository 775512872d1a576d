import Foundation
import Metering
import Testing

@testable import Store

/// A file system of three megabytes, mounted for the test: needs root, and a kernel that lets it.
private final class SmallFileSystem {
    let path: String

    init?() {
        let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        path = folder.appending(path: "meterd-small-\(UUID().uuidString)").path
        guard mkdir(path, 0o700) == 0 else { return nil }
        guard mount("tmpfs", path, "tmpfs", 0, "size=3m") == 0 else {
            rmdir(path)
            return nil
        }
    }

    /// Whether the file system is read-only from now on.
    func remount(readOnly: Bool) -> Bool {
        let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
        return mount("tmpfs", path, "tmpfs", flags, "size=3m") == 0
    }

    deinit {
        umount(path)
        rmdir(path)
    }

    static let isAllowed = SmallFileSystem() != nil
}

@Suite(
    "A real file system that is full or read-only",
    .enabled(if: SmallFileSystem.isAllowed, "mounting a small file system needs root; skipped without it"))
struct FullDiskTests {
    /// A batch a day of a meter with eight registers.
    private static func batch(_ number: Int64) -> [PollOutcome] {
        let answered = LogBook.instant("05-01 12:00") + .hours(24 * number)
        return [
            PollOutcome(
                meter: MeterID(1), gateway: "G1", unit: 1, transaction: UInt16(number), profile: "sdm630/1",
                requested: answered - .seconds(1), answered: answered,
                result: .success(Register.allCases.map { LogBook.live(1000 + number * 10, $0) }))
        ]
    }

    @Test("a disk that fills up refuses batches, keeps all before, and the same store goes on when there is space")
    func fillsUp() throws {
        let small = try #require(SmallFileSystem())
        let path = small.path + "/meterd.sqlite"
        let ballast = small.path + "/ballast"
        try Data(count: 1_700_000).write(to: URL(fileURLWithPath: ballast))
        let store = try FaultScenario.open(path)
        _ = try store.importRegistry(LogBook.registry(), at: LogBook.instant("05-01 00:00"))
        var stored: Int64 = 0
        var refusal: (any Error)?
        while refusal == nil, stored < 500 {
            do {
                _ = try store.ingest(Self.batch(stored))
                stored += 1
            } catch {
                refusal = error
            }
        }
        #expect(refusal as? StoreError == .diskFull(path: path, doing: "storing 1 poll outcomes"))
        #expect(stored > 3)
        let before = try EveryRow(of: store)
        #expect(throws: StoreError.diskFull(path: path, doing: "storing 1 poll outcomes")) {
            try store.ingest(Self.batch(stored))
        }
        #expect(try EveryRow(of: store).difference(from: before) == [])
        try FileManager.default.removeItem(atPath: ballast)
        #expect(try store.ingest(Self.batch(stored)).accepted == 8)
        try store.close()
        let again = try FaultScenario.open(path)
        defer { try? again.close() }
        #expect(try again.integrityCheck() == [])
        for number in 0...stored { #expect(try again.ingest(Self.batch(number)).accepted == 0, "all are there") }
    }

    @Test("on a full disk a new store says so, whichever of its files there is no space for, and opens later")
    func opensFull() throws {
        let small = try #require(SmallFileSystem())
        let path = small.path + "/meterd.sqlite"
        let ballast = URL(fileURLWithPath: small.path + "/ballast")
        for free in stride(from: 0, through: 600_000, by: 60_000) {
            try? FileManager.default.removeItem(at: ballast)
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
            try Data(count: (2 << 20) - 4096 - free).write(to: ballast)
            do {
                try FaultScenario.open(path).close()
            } catch let error as StoreError {
                let isSaid = error == .diskFull(path: path, doing: "opening it")
                #expect(isSaid, "\(free) bytes free: \(error)")
            }
            try FileManager.default.removeItem(at: ballast)
            try FaultScenario.open(path).close()
        }
    }

    @Test("on a file system that was mounted read-only the store is refused at its lock")
    func readOnly() throws {
        let small = try #require(SmallFileSystem())
        let path = small.path + "/meterd.sqlite"
        let store = try FaultScenario.open(path)
        try store.close()
        try #require(small.remount(readOnly: true))
        let error = #expect(throws: StoreError.self) { try FaultScenario.open(path) }
        #expect(error == .cannotOpen(path: path + ".lock", why: "Read-only file system"))
        try #require(small.remount(readOnly: false))
        try FaultScenario.open(path).close()
    }
}
