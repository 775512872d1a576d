import Foundation
import GRDB
import Metering

/// The days from which on all is kept that there ever was; `nil`: nothing was ever forgotten.
package struct KeptSince: Hashable, Sendable {
    /// Indices, with their revisions and day counts: the first of a month.
    package let indices: ServiceDay?
    /// What indices were made from.
    package let evidence: ServiceDay?

    package init(indices: ServiceDay?, evidence: ServiceDay?) {
        self.indices = indices
        self.evidence = evidence
    }
}

/// What stands beside a backup: what it is and how to tell that it is still what was written.
package struct BackupManifest: Hashable, Sendable {
    /// Of the manifest itself.
    static let format = 1

    /// The program that made it.
    package let version: String
    /// In the order they were taken.
    package let schemaSteps: [String]
    /// Civil time, as the head-end's clock showed it.
    package let taken: Instant
    /// The machine's own time.
    package let takenUTC: Instant
    package let timeZone: String
    package let bytes: Int64
    /// In hexadecimal.
    package let sha256: String
    /// Indices that were ever written.
    package let indices: Int64
    package let meters: Int64
    package let lastClosedDay: ServiceDay?
    /// Where chunks of months and of weeks end, exclusive; `nil` while nothing was compacted.
    package let monthsEnd: ServiceDay?
    package let weeksEnd: ServiceDay?
    package let keptSince: KeptSince
}

// MARK: - As a file

/// The manifest's file. This and the chunks' bodies are the store's own formats.
private struct ManifestFile: Codable {
    struct Chunks: Codable {
        var monthsEnd: String?
        var weeksEnd: String?
    }
    struct Kept: Codable {
        var indices: String?
        var evidence: String?
    }

    var format: Int
    var meterd: String
    var schema: [String]
    var taken: String
    var takenUtc: String
    var timeZone: String
    var bytes: Int64
    var sha256: String
    var indices: Int64
    var meters: Int64
    var lastClosedDay: String?
    var chunks: Chunks
    var keptSince: Kept
}

extension BackupManifest {
    func json() throws -> Data {
        let calendar = ServiceCalendar(timeZone: timeZone) ?? .vietnam
        let file = ManifestFile(
            format: Self.format, meterd: version, schema: schemaSteps, taken: calendar.text(taken),
            takenUtc: takenUTC.rfc3339(offsetSeconds: 0), timeZone: timeZone, bytes: bytes, sha256: sha256,
            indices: indices, meters: meters, lastClosedDay: lastClosedDay?.description,
            chunks: .init(monthsEnd: monthsEnd?.description, weeksEnd: weeksEnd?.description),
            keptSince: .init(indices: keptSince.indices?.description, evidence: keptSince.evidence?.description))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(file) + Data("\n".utf8)
    }

    /// - Throws: a sentence's end that says what is wrong with it.
    init(json: Data) throws(UnreadableManifest) {
        struct Format: Codable { var format: Int }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let format = try? decoder.decode(Format.self, from: json).format else {
            throw UnreadableManifest(why: "cannot be read")
        }
        guard format <= Self.format else {
            throw UnreadableManifest(why: "is of format \(format), which a newer meterd wrote; restore with that one")
        }
        guard let file = try? decoder.decode(ManifestFile.self, from: json),
            let taken = Instant(rfc3339: file.taken), let takenUTC = Instant(rfc3339: file.takenUtc)
        else { throw UnreadableManifest(why: "lacks something that every manifest has") }
        func day(_ text: String?) -> ServiceDay? { text.flatMap { ServiceDay(iso: $0) } }
        self.init(
            version: file.meterd, schemaSteps: file.schema, taken: taken, takenUTC: takenUTC, timeZone: file.timeZone,
            bytes: file.bytes, sha256: file.sha256, indices: file.indices, meters: file.meters,
            lastClosedDay: day(file.lastClosedDay), monthsEnd: day(file.chunks.monthsEnd),
            weeksEnd: day(file.chunks.weeksEnd),
            keptSince: KeptSince(indices: day(file.keptSince.indices), evidence: day(file.keptSince.evidence)))
    }
}

struct UnreadableManifest: Error {
    let why: String
}

// MARK: - The files of a backup

/// The names that a backup has while it is made and after. At any moment, whoever is killed, the file at `file` is
/// whole and a manifest that describes it is at `manifest` or `manifestPartial`.
struct BackupFiles {
    let file: String

    static let unfinished = ".partial"
    var partial: String { file + Self.unfinished }
    var manifest: String { file + ".json" }
    var manifestPartial: String { manifest + Self.unfinished }

    /// Clears away what a killed backup left, or does the last step of one that was killed before it. The manifest is
    /// written after the copy and removed before it: one that stands alone belongs to the file that was renamed.
    func settle() throws {
        if DurableFile.exists(manifestPartial), !DurableFile.exists(partial),
            let json = FileManager.default.contents(atPath: manifestPartial),
            let bytes = try? BackupManifest(json: json).bytes, bytes == DurableFile.bytes(of: file)
        {
            try placeManifest()
        }
        try DurableFile.remove(manifestPartial)
        for name in [partial + "-wal", partial + "-shm", partial + "-journal", partial] {
            try DurableFile.remove(name)
        }
    }

    /// Takes the place of an earlier backup of this name.
    func place() throws {
        try DurableFile.syncFolder(of: file)
        try DurableFile.rename(partial, to: file)
        try DurableFile.syncFolder(of: file)
    }

    func placeManifest() throws {
        try DurableFile.rename(manifestPartial, to: manifest)
        try DurableFile.syncFolder(of: file)
    }

    /// The manifests that may describe the file.
    /// - Throws: `BackupError.notABackup` where there is none.
    func manifests() throws -> [BackupManifest] {
        guard !file.hasSuffix(Self.unfinished) else {
            throw BackupError.notABackup(file: file, why: "is what a backup that did not finish has left")
        }
        guard DurableFile.exists(file) else { throw BackupError.notABackup(file: file, why: "is not there") }
        var why = "has no manifest \(manifest) beside it"
        var found: [BackupManifest] = []
        for name in [manifest, manifestPartial] {
            guard let json = FileManager.default.contents(atPath: name) else { continue }
            do throws(UnreadableManifest) { found.append(try BackupManifest(json: json)) } catch {
                why = "its manifest \(name) \(error.why)"
            }
        }
        guard !found.isEmpty else { throw BackupError.notABackup(file: file, why: why) }
        return found
    }

    /// The manifest that a file of this length and sum is described by.
    static func match(_ manifests: [BackupManifest], _ sum: (bytes: Int64, sha256: String), file: String) throws
        -> BackupManifest
    {
        if let match = manifests.first(where: { $0.bytes == sum.bytes && $0.sha256 == sum.sha256 }) { return match }
        guard manifests.contains(where: { $0.bytes == sum.bytes }) else {
            let expected = manifests.map { "\($0.bytes)" }.joined(separator: " or ")
            throw BackupError.faulty(file: file, why: "has \(sum.bytes) bytes, its manifest says \(expected)")
        }
        throw BackupError.faulty(file: file, why: "its SHA-256 is not that of its manifest")
    }
}
