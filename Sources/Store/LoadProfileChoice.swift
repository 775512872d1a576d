/// Whose half-hourly load profiles are kept.
package struct LoadProfileChoice: Hashable, Sendable {
    /// Tariff categories, as the registry writes them.
    package let categories: Set<String>
    /// Names of usage points.
    package let usagePoints: Set<String>

    package init(categories: Set<String> = [], usagePoints: Set<String> = []) {
        self.categories = categories
        self.usagePoints = usagePoints
    }

    package static let nobodys = LoadProfileChoice()

    var isNobodys: Bool { categories.isEmpty && usagePoints.isEmpty }

    package func contains(_ usagePoint: String, category: String) -> Bool {
        usagePoints.contains(usagePoint) || categories.contains(category)
    }
}
