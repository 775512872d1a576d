import Foundation
import GRDB
import Metering

/// What is looked at, and what may be missing because it was forgotten.
package struct VerificationScope: Hashable, Sendable {
    /// Only what takes seconds: the file's pages, and the count of the latest days.
    package var isQuick = false
    /// How many of the latest closed days are counted again; `nil`: all.
    package var days: Int? = 7
    /// The pages of a larger store that is in use are checked table by table: in one go it would keep the write-ahead
    /// log from being emptied for a minute and more.
    package var checkedWholeBytes: Int64 = 2 << 30

    package init() {}
}

/// What was looked at.
package struct VerificationReport: Hashable, Sendable {
    package var findings = 0
    package var indices: Int64 = 0
    package var chunks: Int64 = 0
    /// Values that were replaced, or entered by a person.
    package var revisions: Int64 = 0
    package var dials: Int64 = 0
    /// Of load profiles.
    package var halfHours: Int64 = 0
    /// Kept as evidence.
    package var readings: Int64 = 0
    /// Counted again.
    package var days = 0
    /// What could not be looked at this time, and why: a sentence each.
    package var notes: [String] = []
}

package struct VerificationProgress: Hashable, Sendable {
    /// `pages`, `indices` …
    package let part: String
    /// Rows of it looked at so far.
    package let rows: Int64
}

extension Store {
    /// Looks at everything that is stored, while others write: table after table and some ten thousand rows at a time,
    /// each in a transaction of its own, so that the write-ahead log is held for seconds, not for the whole. Only
    /// SQLite's own check of pages takes a table, or a small store, in one go.
    /// - Parameter found: given each finding as it is made.
    /// - Throws: `StoreError` where the store cannot be looked at at all.
    package func verify(
        _ scope: VerificationScope, progress: @escaping (VerificationProgress) -> Void = { _ in },
        found: @escaping (VerificationFinding) -> Void
    ) throws -> VerificationReport {
        do {
            let reader = try Self.openForReading(path)
            defer { try? reader.close() }
            let verification = Verification(
                reader, path: path, calendar: calendar, scope: scope, isStill: false, progress: progress, found: found)
            return try verification.run()
        } catch {
            throw Self.storeError(error, path: path, doing: "verifying it")
        }
    }

    /// The same of a backup, without any daemon; its manifest and checksum too.
    /// - Throws: `BackupError` where it has no manifest; `StoreError` where it is a newer meterd's.
    package static func verifyBackup(
        _ file: String, _ scope: VerificationScope, progress: @escaping (VerificationProgress) -> Void = { _ in },
        found: @escaping (VerificationFinding) -> Void
    ) throws -> (manifest: BackupManifest, report: VerificationReport) {
        let manifests = try BackupFiles(file: file).manifests()
        do {
            var fault: VerificationFinding?
            var manifest = manifests[0]
            progress(VerificationProgress(part: "checksum", rows: 0))
            do {
                manifest = try BackupFiles.match(manifests, try DurableFile.sum(file), file: file)
            } catch BackupError.faulty(_, let why) {
                let finding = VerificationFinding(.file, "backup \(file): \(why)")
                found(finding)
                fault = finding
            }
            let reader = try openForReading(file)
            defer { try? reader.close() }
            let verification = Verification(
                reader, path: file, calendar: ServiceCalendar(timeZone: manifest.timeZone) ?? .vietnam, scope: scope,
                isStill: true, progress: progress, found: found)
            var report = try verification.run()
            if fault != nil { report.findings += 1 }
            return (manifest, report)
        } catch let failure as FileFailure {
            throw BackupError.faulty(file: file, why: "cannot be read: \(failure.why)")
        } catch {
            throw storeError(error, path: file, doing: "verifying it")
        }
    }
}

/// One verification of one file, part after part.
final class Verification {
    /// Rows looked at in one transaction.
    static let batchRows = 20_000
    /// Findings of which it is remembered that they were told.
    private static let rememberedFindings = 10_000

    let reader: any DatabaseReader
    let path: String
    let calendar: ServiceCalendar
    let scope: VerificationScope
    /// Nobody writes meanwhile: a backup.
    let isStill: Bool
    private let progress: (VerificationProgress) -> Void
    private let found: (VerificationFinding) -> Void
    private var told: Set<VerificationFinding> = []
    var report = VerificationReport()
    /// A part could not be gone through to its end, or left something out: what was counted is too little.
    var isIncomplete = false
    /// The first and the last day of which each series was seen to have an index, by series.
    var spans: [(first: Int32, last: Int32)] = []
    /// Of the evidence.
    var suspects: Int64 = 0

    init(
        _ reader: any DatabaseReader, path: String, calendar: ServiceCalendar, scope: VerificationScope, isStill: Bool,
        progress: @escaping (VerificationProgress) -> Void, found: @escaping (VerificationFinding) -> Void
    ) {
        self.reader = reader
        self.path = path
        self.calendar = calendar
        self.scope = scope
        self.isStill = isStill
        self.progress = progress
        self.found = found
    }

    /// The first day of which all indices are kept; days before are being forgotten month by month.
    var firstKept: ServiceDay? { keptSince.indices }
    /// As the file has it; days may be forgotten while this goes on.
    private var keptSince = KeptSince(indices: nil, evidence: nil)

    func run() throws -> VerificationReport {
        do {
            try part("pages", scope.isQuick ? quickPages : pages)
            guard try isOfThisSchema() else { return report }
            guard !scope.isQuick else {
                try part("days", days)
                return report
            }
            var before: Sizes?
            try part("sizes") { before = try sizes() }
            try part("indices", indices)
            try part("dials", dials)
            try part("load profiles", loadProfiles)
            try part("evidence", evidence)
            try part("revisions", revisions)
            try part("days", days)
            if let before { try part("sizes") { try compare(before, try sizes()) } }
            return report
        } catch {
            throw Store.storeError(error, path: path, doing: "verifying it")
        }
    }

    /// What is damaged so badly that a part of the verification ends is a finding, and the next part is gone on with.
    private func part(_ name: String, _ body: () throws -> Void) throws {
        say(name, 0)
        do { try body() } catch {
            let error = Store.storeError(error, path: path, doing: "verifying its \(name)")
            switch error as? StoreError {
            case .damaged(_, _, let message):
                tell(VerificationFinding(.pages, "\(name) cannot be gone through: \(message)"))
            case .notAStore(_, let why): tell(VerificationFinding(.pages, "\(name) cannot be gone through: \(why)"))
            default: throw error
            }
            isIncomplete = true
        }
    }

    func say(_ part: String, _ rows: Int64) { progress(VerificationProgress(part: part, rows: rows)) }

    func tell(_ finding: VerificationFinding) {
        if told.count < Self.rememberedFindings {
            guard told.insert(finding).inserted else { return }
        } else if told.contains(finding) {
            return
        }
        report.findings += 1
        found(finding)
    }

    /// Calls `body` in one transaction after the other until it says that there is no more.
    func batches(_ body: (Database) throws -> Bool) throws {
        while try reader.read({ db in
            keptSince = try KeptSince(db)
            return try body(db)
        }) {}
    }

    private func isOfThisSchema() throws -> Bool {
        var isCurrent = false
        try part("schema") {
            let (known, applied, application) = try reader.read { db in
                (
                    Schema.migrator.migrations, try Schema.appliedSteps(db),
                    try Int32.fetchOne(db, sql: "PRAGMA application_id")
                )
            }
            guard application == Schema.applicationID else {
                throw StoreError.notAStore(path: path, why: "is another program's database")
            }
            guard Set(applied).isSubset(of: known) else {
                throw StoreError.newerSchema(path: path, unknown: applied.filter { !known.contains($0) })
            }
            isCurrent = applied == known
            guard isCurrent else {
                return report.notes.append(
                    "it has an older schema than this meterd's, so only its pages were looked at; restore it to a "
                        + "place of its own and verify that store for the rest")
            }
        }
        return isCurrent
    }

    // MARK: - Pages

    private func quickPages() throws {
        for fault in try reader.read(Store.quickCheck) { tell(VerificationFinding(.pages, fault)) }
    }

    private func pages() throws {
        let (tables, bytes) = try reader.read { db in
            (
                try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"),
                try Int64.fetchOne(
                    db, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") ?? 0
            )
        }
        let isWhole = isStill || bytes <= scope.checkedWholeBytes
        if isWhole {
            try reader.read { try check(table: nil, $0) }
        } else {
            report.notes.append(
                "pages were checked table by table, as it is large and in use; whether two tables share one is found "
                    + "by verifying a backup")
        }
        for table in tables {
            try reader.read { db in
                if !isWhole { try check(table: table, db) }
                let orphans = try HotStatement(
                    db, "SELECT parent, COUNT(*) FROM pragma_foreign_key_check(?) GROUP BY parent")
                try orphans.start(table)
                while try orphans.next() {
                    tell(
                        VerificationFinding(
                            .reference,
                            "\(orphans.integer(1)) rows of \(table) refer to a row of \(orphans.text(0)) "
                                + "that is not there"))
                }
            }
            say("pages", 0)
        }
    }

    /// All tables, with the pages that none uses, or one.
    private func check(table: String?, _ db: Database) throws {
        let one = table.map { "('\($0)')" } ?? ""
        for fault in try String.fetchAll(db, sql: "PRAGMA integrity_check\(one)") where fault != "ok" {
            tell(VerificationFinding(.pages, fault))
        }
    }

    // MARK: - Sizes

    /// What `total` says, and where indices are kept, at one moment.
    private struct Sizes {
        var total: [String: Int64] = [:]
        let places: IndexPlaces
        let replaced: Int64
    }

    private func sizes() throws -> Sizes {
        try reader.read { db in
            let replaced = try HotStatement(db, "SELECT COUNT(*) FROM audit WHERE oldRevision < newRevision")
            _ = try replaced.first()
            var sizes = Sizes(places: try IndexPlaces(db), replaced: replaced.integer(0))
            let totals = try HotStatement(db, "SELECT name, count FROM total")
            try totals.start()
            while try totals.next() { sizes.total[totals.text(0)] = totals.integer(1) }
            return sizes
        }
    }

    /// What was counted lies between what `total` said before and after, but for what was forgotten.
    private func compare(_ before: Sizes, _ after: Sizes) throws {
        guard !isIncomplete else {
            return report.notes.append("sizes were not compared, because of the findings above")
        }
        let hasForgottenIndices = firstKept != nil
        let hasForgottenEvidence = keptSince.evidence != nil
        if before.places == after.places {
            compare("hot", "indices", report.indices, before, after, mayBeLess: hasForgottenIndices)
        } else {
            report.notes.append(
                "indices were not counted, because days were compacted meanwhile; a verified backup has their number")
        }
        compare("revision", "replaced indices", after.replaced, after, after, mayBeLess: hasForgottenIndices)
        compare("reading", "kept readings", report.readings, before, after, mayBeLess: hasForgottenEvidence)
        compare("suspect", "suspect readings", suspects, before, after, mayBeLess: hasForgottenEvidence)
    }

    private func compare(
        _ name: String, _ what: String, _ counted: Int64, _ before: Sizes, _ after: Sizes, mayBeLess: Bool
    ) {
        guard let least = before.total[name], let most = after.total[name] else {
            return tell(VerificationFinding(.total, "the size \"\(name)\" is not kept"))
        }
        guard counted > most || (counted < least && !mayBeLess) else { return }
        tell(VerificationFinding(.total, "there are \(counted) \(what), but \(most) were written"))
    }

    // MARK: - Closed days

    /// Counts the latest closed days again.
    private func days() throws {
        let closed = try reader.read { db in
            keptSince = try KeptSince(db)
            return try Store.closedDays(
                db, from: firstKept ?? ServiceDay(number: .min), through: ServiceDay(number: .max)
            ).map(\.day)
        }
        for day in closed.suffix(scope.days ?? closed.count).reversed() {
            do {
                try reader.read { try count(day, $0) }
            } catch let error as DamagedRow {
                try reader.read { try tell(error, $0) }
            }
            say("days", Int64(report.days))
        }
    }

    private func count(_ day: ServiceDay, _ db: Database) throws {
        // What changed since is noted, and counted by the daemon before long; a day's energy ends with the next day.
        let reopened = try HotStatement(db, "SELECT 1 FROM reopenedDay WHERE day BETWEEN ? AND ?")
        guard try !reopened.first(day, day.next),
            var closed = try Store.closedDays(db, from: day, through: day).first
        else { return }
        var isWhole = true
        let counted = try Store.count(
            db, day: day,
            damaged: {
                isWhole = false
                try self.tell($0, db)
            })
        guard isWhole else { return }
        report.days += 1
        let closedAt = closed.closedAt
        closed.closedAt = nil
        // Its energy is known once the next day is closed, and until then as far as it happened to be.
        if try Store.closedDays(db, from: day.next, through: day.next).isEmpty { closed.energy = counted.energy }
        guard counted != closed else { return }
        let registry = try HotStatement(db, "SELECT changedAt FROM generation")
        if try registry.first(), let changedAt = registry.optionalInstant(0), let closedAt, changedAt >= closedAt {
            return report.notes.append(
                "\(day) counts otherwise than when it was closed, and the registry was changed since")
        }
        tell(
            VerificationFinding(
                .dayCount, "closed with \(Self.text(closed)), but has \(Self.text(counted))", period: "\(day)"))
    }

    private static func text(_ count: Completeness) -> String {
        "\(count.known) of \(count.expected) indices (\(count.frozen) frozen, \(count.measured) measured, "
            + "\(count.estimated) estimated, \(count.edited) edited) and \(count.energy.wattHours) Wh"
    }

    func tell(_ damaged: DamagedRow, _ db: Database) throws {
        isIncomplete = true
        guard let series = damaged.series else {
            return tell(VerificationFinding(.row, "row \(damaged.key) of \(damaged.table) cannot be read"))
        }
        tell(
            VerificationFinding(
                damaged.period == nil ? .row : .chunk,
                "its row in \(damaged.table) (\(damaged.key)) cannot be read", of: try SeriesOwner(series, db),
                period: damaged.period?.description))
    }
}
