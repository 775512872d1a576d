import FailingDisk
import Foundation

/// How a disk fails: which calls, and how. A new fault is a row of `all`.
struct DiskFault: Sendable, CustomStringConvertible {
    let description: String
    let calls: Int
    let manner: Int
    /// Goes on until the disk is mended; else only one call fails.
    var lasts = false
    /// What of the writes that were not synced outlives a cut of the `nth` call: 0 nothing, 1 everything, else by
    /// chance. For a torn write: how much of it is done.
    var seed: @Sendable (_ nth: Int) -> UInt64 = { UInt64($0) &+ 4711 }

    var isCut: Bool { manner == FAILING_DISK_CUTS }

    static let all: [DiskFault] = [
        DiskFault(description: "a write is torn", calls: FAILING_DISK_WRITE, manner: FAILING_DISK_TEARS),
        DiskFault(
            description: "the disk is full", calls: FAILING_DISK_WRITE | FAILING_DISK_SHARE,
            manner: FAILING_DISK_FILLS, lasts: true),
        DiskFault(
            description: "a sync fails and forgets", calls: FAILING_DISK_SYNC, manner: FAILING_DISK_FORGETS),
        DiskFault(
            description: "a truncation is refused", calls: FAILING_DISK_TRUNCATE, manner: FAILING_DISK_REFUSES),
        DiskFault(
            description: "a deletion is refused", calls: FAILING_DISK_DELETE, manner: FAILING_DISK_REFUSES),
        DiskFault(description: "a file does not open", calls: FAILING_DISK_OPEN, manner: FAILING_DISK_REFUSES),
        DiskFault(
            description: "shared memory does not grow", calls: FAILING_DISK_SHARE, manner: FAILING_DISK_REFUSES),
        DiskFault(description: "a read fails", calls: FAILING_DISK_READ, manner: FAILING_DISK_REFUSES),
        DiskFault(
            description: "the process dies", calls: FAILING_DISK_CHANGE, manner: FAILING_DISK_CUTS, seed: { _ in 1 }),
        DiskFault(
            description: "the power fails", calls: FAILING_DISK_CHANGE, manner: FAILING_DISK_CUTS,
            seed: { $0 % 3 == 0 ? 0 : UInt64($0) &+ 4711 }),
    ]
}

/// A folder on a disk that fails on command; it goes with this value, when no store in it is open any more.
final class StoreDisk {
    let folder: URL
    /// Of the store's file in it.
    let path: String
    private let disk: OpaquePointer

    init() throws {
        // SQLite names files without links.
        let temporary = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        folder = temporary.appending(path: "meterd-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "meterd.sqlite").path
        guard let disk = failing_disk_over(folder.path) else { preconditionFailure("no memory for a disk") }
        self.disk = disk
    }

    deinit {
        failing_disk_release(disk)
        try? FileManager.default.removeItem(at: folder)
    }

    /// The `nth` call that the fault is about fails, counted from now (1 = the next).
    func fail(_ nth: Int, _ fault: DiskFault) {
        failing_disk_fail(
            disk, UInt32(fault.calls), Int64(nth), Int32(fault.manner), fault.lasts,
            fault.seed(nth))
    }

    /// The power goes now. `seed` as for `DiskFault`.
    func cut(seed: UInt64) { failing_disk_cut(disk, seed) }

    /// The fault is over. After a power cut the store must have been closed.
    func mend() throws {
        guard failing_disk_mend(disk) else { throw CocoaError(.fileWriteUnknown) }
    }

    /// Its files open for reading only.
    func forbidWriting(_ isForbidden: Bool) { failing_disk_forbid_writing(disk, isForbidden) }

    var hasFailed: Bool { failing_disk_has_failed(disk) }

    func count(_ calls: Int) -> Int { Int(failing_disk_count(disk, UInt32(calls))) }
}
