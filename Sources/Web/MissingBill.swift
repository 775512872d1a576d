import Metering
import Store

/// Why there is no index to make a usage point's bill of, for the one who asked: the day may lie where none can be.
package struct MissingBill: CustomStringConvertible {
    package let description: String

    /// - Parameter error: what the store said, a `StoreError.noIndex`; it stays where the day asked for is not the
    ///   reason.
    package init(
        _ error: StoreError, of usagePoint: String, asOf: ServiceDay, today: ServiceDay, store: Store
    ) throws {
        let installed = try store.installations(of: usagePoint).map(\.installedOn).min() ?? today
        let known = try store.dailyIndices(
            usagePoint: usagePoint, register: .activeImport, from: min(installed, today), through: today
        ).map(\.day)
        let refused = "usage point \(usagePoint): no bill as of \(asOf): "
        if asOf > today {
            let latest = known.max().map { ", its latest known index is of \($0)" } ?? ""
            description = refused + "that day lies ahead; today is \(today)" + latest
        } else if let first = known.min(), first >= asOf {
            description = refused + "no day before it is known, its first known index is of \(first)"
        } else {
            description = error.description
        }
    }
}
