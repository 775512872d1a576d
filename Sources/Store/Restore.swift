import Foundation
import GRDB
import Metering

/// What was restored, and what became of the store that was there before.
package struct Restoration: Hashable, Sendable {
    package let manifest: BackupManifest
    /// Where the store that was there is kept; `nil` where there was none.
    package let keptAs: String?
    /// Steps of the schema that are taken when the store is opened next.
    package let stepsBehind: [String]
}

package enum RestoreProgress: Hashable, Sendable {
    case copying
    case checking
    /// The copy is whole beside the store's place.
    case copied
    /// The file of the store that was there has its other name, what belongs to it not yet.
    case kept
    /// Nothing is at the store's place.
    case cleared
    case done
}

extension Store {
    /// A copy of a backup before it takes the store's place. A daemon does not begin a new store beside one.
    static func restoring(_ path: String) -> String { path + ".restoring" }

    /// Puts a copy of a backup in a store's place. The copy is checked before anything is touched; the store that was
    /// there is kept beside, as `….before-restore-TIME`. Whoever is killed starts it again.
    ///
    /// - Parameters:
    ///   - file: as `backup` made it, its manifest beside it.
    ///   - replace: whether a store that is there may be replaced.
    ///   - utc: the machine's time, for the old store's name.
    ///   - progress: called between the steps; what it throws ends the restore.
    /// - Throws: `BackupError`; `StoreError` where a daemon runs or the backup is a newer meterd's.
    package static func restore(
        _ file: String, to path: String, replace: Bool, utc: Instant,
        progress: (RestoreProgress) throws -> Void = { _ in }
    ) throws -> Restoration {
        do {
            let manifests = try BackupFiles(file: file).manifests()
            guard let lock = try FileLock(path: path + ".lock", waits: false) else {
                throw StoreError.daemonAlreadyRuns(path: path, lock: path + ".lock")
            }
            defer { withExtendedLifetime(lock) {} }
            guard replace || !OldStore(path: path).isThere else { throw BackupError.storeThere(path: path) }
            let copy = restoring(path)
            do {
                try progress(.copying)
                for name in OldStore(path: copy).parts { try DurableFile.remove(name) }
                let manifest = try BackupFiles.match(
                    manifests, try DurableFile.sum(file, copyingTo: copy), file: file)
                try progress(.checking)
                let behind = try check(copy, of: file)
                try progress(.copied)
                let keptAs = try putInPlace(copy, at: path, utc: utc, progress)
                return Restoration(manifest: manifest, keptAs: keptAs, stepsBehind: behind)
            } catch {
                // Without a store at its place the copy stays: it keeps a daemon from beginning a new one.
                if DurableFile.exists(path) || OldStore(path: path).keptFiles.isEmpty { try? DurableFile.remove(copy) }
                throw error
            }
        } catch let failure as FileFailure {
            throw failure.path == file
                ? BackupError.faulty(file: file, why: "cannot be read: \(failure.why)")
                : BackupError.notRestored(path: path, why: "\(failure.path): \(failure.why)")
        }
    }

    /// Whether the copy is a store of this or an earlier version. Returns the steps it lacks.
    private static func check(_ copy: String, of file: String) throws -> [String] {
        do {
            let queue = try openForReading(copy)
            defer { try? queue.close() }
            return try queue.read { db in
                let faults = try quickCheck(db)
                guard faults.isEmpty else {
                    let all = faults.joined(separator: "; ")
                    throw BackupError.faulty(file: file, why: "SQLite finds it damaged: \(all)")
                }
                guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
                    throw BackupError.notABackup(file: file, why: "is another program's database")
                }
                let known = Schema.migrator.migrations
                let applied = try Schema.appliedSteps(db)
                guard Set(applied).isSubset(of: known) else {
                    throw StoreError.newerSchema(path: file, unknown: Set(applied).subtracting(known).sorted())
                }
                return known.filter { !applied.contains($0) }
            }
        } catch let error as DatabaseError {
            throw BackupError.faulty(file: file, why: "SQLite cannot read it: \(error.message ?? "no message")")
        }
    }

    private static func putInPlace(
        _ copy: String, at path: String, utc: Instant, _ progress: (RestoreProgress) throws -> Void
    ) throws -> String? {
        // A command that opens the store meanwhile waits.
        let opening = try FileLock(path: path + ".open", waits: true)
        defer { withExtendedLifetime(opening) {} }
        let old = OldStore(path: path)
        guard !old.isOpen else { throw BackupError.storeInUse(path: path) }
        let keptAs = try old.isThere ? old.keep(at: utc, progress) : nil
        try progress(.cleared)
        try DurableFile.rename(copy, to: path)
        try DurableFile.syncFolder(of: path)
        try progress(.done)
        return keptAs
    }
}

/// A store in the place where another shall be, with the files that SQLite keeps beside it. They belong together: a
/// write-ahead log beside another file than its own would be taken into that. They are not opened, since whatever
/// SQLite opens it may mend, and a damaged store is kept as it is.
private struct OldStore {
    static let mark = ".before-restore-"
    private static let suffixes = ["", "-wal", "-shm", "-journal"]
    let path: String

    var parts: [String] { Self.suffixes.map { path + $0 } }
    var isThere: Bool { parts.contains(where: DurableFile.exists) }

    /// Whether a process that this one can see has it open: who has keeps a lock on the log's index.
    ///
    /// The kernel hands its list of locks out page by page, and one that goes meanwhile makes it leave out another: so
    /// nobody is believed to be away who was missed once.
    var isOpen: Bool {
        let inodes = parts.compactMap(DurableFile.inode)
        return (0..<Self.looks).contains { _ in Self.isLocked(inodes) }
    }

    private static let looks = 5

    private static func isLocked(_ inodes: [String]) -> Bool {
        guard let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else { return false }
        return locks.split(separator: "\n").contains { line in
            // `1: POSIX  ADVISORY  READ 4711 fe:01:1311768 128 128`, the devices in hexadecimal.
            line.contains("POSIX") && line.split(separator: " ").contains { inodes.contains(String($0)) }
        }
    }

    /// Gives its parts other names, under which they are a whole store again. The file first: what is left beside
    /// nothing is no danger, and whoever goes on after a kill brings it after the file. Returns the file's name.
    func keep(at utc: Instant, _ progress: (RestoreProgress) throws -> Void) throws -> String {
        let stamp = utc.rfc3339(offsetSeconds: 0).filter { $0.isNumber || $0 == "T" || $0 == "Z" }
        var name = path + Self.mark + stamp
        if DurableFile.exists(path) {
            guard !Self.suffixes.contains(where: { DurableFile.exists(name + $0) }) else {
                throw BackupError.notRestored(path: path, why: "\(name) is there already")
            }
            try DurableFile.rename(path, to: name)
        } else if let interrupted = keptFiles.last {
            name = interrupted
        }
        try progress(.kept)
        for suffix in Self.suffixes.dropFirst() where DurableFile.exists(path + suffix) {
            guard !DurableFile.exists(name + suffix) else {
                throw BackupError.notRestored(path: path, why: "\(name + suffix) is there already")
            }
            try DurableFile.rename(path + suffix, to: name + suffix)
        }
        try DurableFile.syncFolder(of: path)
        return name
    }

    /// Stores that were kept before, the latest last.
    var keptFiles: [String] {
        let place = URL(fileURLWithPath: path)
        let folder = place.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { name in
            name.hasPrefix(place.lastPathComponent + Self.mark)
                && !Self.suffixes.dropFirst().contains { name.hasSuffix($0) }
        }.sorted().map { folder.appendingPathComponent($0).path }
    }
}
