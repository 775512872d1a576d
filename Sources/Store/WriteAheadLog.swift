import Foundation
import GRDB

/// The write-ahead log beside the file: it grows with every commit and is moved into the file and begun anew when no
/// reader needs it any more. A reader that never ends, such as a forgotten `sqlite3` with an open transaction, would
/// have it grow until the disk is full.
extension Store {
    /// Moves the log into the file and empties it; for quiet moments. While a reader still needs it, it is left for
    /// the next time.
    package func checkpoint() throws {
        do {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        } catch {
            throw storeError(error, doing: "emptying its write-ahead log")
        }
    }

    /// Size in bytes; 0 where there is none.
    package var logBytes: Int64 {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    /// - Throws: `StoreError.logHeld` where the log is larger than it may be and cannot be emptied.
    func refuseEndlessLog(doing: String) throws {
        guard logBytes > logLimitBytes else { return }
        try checkpoint()
        guard logBytes > logLimitBytes else { return }
        throw StoreError.logHeld(path: path, doing: doing, megabytes: logBytes >> 20)
    }
}
