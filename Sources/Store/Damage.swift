import GRDB
import Metering
import Synchronization

/// A row that cannot be read: the file was changed by something else, or the disk has failed.
///
/// Where it is one register's, that register's meter goes without, and everybody else goes on.
struct DamagedRow: Error {
    let table: String
    let key: Int64
    /// The register it is about; `nil` where it is about no single one.
    var series: Int64?
    /// Of a chunk.
    var period: ChunkPeriod?

    /// `the month 2025-05 of register import at usage point PA09010000001 (row 11…3 of chunk)`
    func sentence(_ db: Database) throws -> String {
        let row = "row \(key) of \(table)"
        guard let series else { return "\(row) cannot be read" }
        let owner = try SeriesOwner(series, db)
        guard let usagePoint = owner.usagePoint, let serial = owner.serial, let register = owner.register?.name else {
            return "\(row), of series \(series), cannot be read"
        }
        let what = period.map { "the \($0) of register \(register)" } ?? "what is kept of register \(register)"
        return "\(what) at usage point \(usagePoint) (meter \(serial)) cannot be read: \(row)"
    }

    /// The meter it is about.
    func meter(_ db: Database) throws -> MeterID? {
        guard let series else { return nil }
        let owner = try HotStatement(db, "SELECT meter FROM series WHERE id = ?")
        return try owner.first(series) ? MeterID(Int32(clamping: owner.integer(0))) : nil
    }
}

extension Store {
    /// What could not be read since the store was opened, a sentence each: those meters go without until a backup is
    /// restored. `meterd verify` finds all there is.
    package var damages: [String] { damage.withLock { $0.sorted() } }

    /// - Throws: the row itself where it is nobody's in particular, so that nothing can go on without it.
    func note(_ found: DamagedRow, _ db: Database) throws {
        guard found.series != nil else { throw found }
        let sentence = try found.sentence(db)
        damage.withLock { _ = $0.insert(sentence) }
    }
}
