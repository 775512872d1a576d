import Metering

/// Something in a store that is not as it must be: where, what, and what to do about it.
package struct VerificationFinding: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A backup is not the file that its manifest describes.
        case file
        /// SQLite finds its pages or constraints broken.
        case pages
        /// A row refers to one that is not there.
        case reference
        /// A chunk cannot be read.
        case chunk
        /// An index is kept where nobody looks for it.
        case place
        /// A row's body or code cannot be read.
        case row
        /// A dial says other days than its register's indices have.
        case span
        /// The values that an index has had do not lead to the one it has.
        case revision
        /// A closed day counts otherwise than when it was closed.
        case dayCount = "day-count"
        /// A size that is kept is not that of its table.
        case total
    }

    package let kind: Kind
    package let usagePoint: String?
    package let register: Register?
    /// `month 2025-05`, `week 2025-05-08` or a day.
    package let period: String?
    package let text: String

    init(_ kind: Kind, _ text: String, of owner: SeriesOwner? = nil, period: String? = nil) {
        self.kind = kind
        self.text = text
        self.period = period
        usagePoint = owner?.usagePoint
        register = owner?.register
    }
}

extension VerificationFinding: CustomStringConvertible {
    package var description: String {
        let place = [usagePoint.map { "usage point \($0)" }, register?.name, period].compactMap { $0 }
            .joined(separator: ", ")
        return (place.isEmpty ? "" : "\(place): ") + "\(text); \(remedy)"
    }

    private var remedy: String {
        switch kind {
        case .file: "take another backup, or another copy of this one"
        case .pages, .reference: "stop meterd and restore the latest backup that verifies"
        case .chunk: "its days cannot be read: restore the latest backup that verifies"
        case .place: "the file was changed by something else than meterd: restore the latest backup that verifies"
        case .row, .span: "the meter is stored no further: restore the latest backup that verifies"
        case .revision: "bills that rest on it cannot be traced: look it up in the latest backup that verifies"
        case .dayCount: "`meterd index` shows its indices; compare them with the latest backup that verifies"
        case .total: "rows were lost, or written by something else than meterd: compare with an earlier backup"
        }
    }
}
