/// Contradictions of a registry as they are found: the first ones as sentences, the rest as a number. Nobody reads a
/// thousand, and a wrong column could make one for each of 726,995 meters.
struct RegistryFaults {
    static let keptMax = 100

    private var kept: [String] = []
    private var count = 0

    mutating func note(_ fault: @autoclosure () throws -> String) rethrows {
        count += 1
        if count <= Self.keptMax { kept.append(try fault()) }
    }

    /// - Throws: `StoreError.registryRefused` unless nothing was noted.
    func refuse() throws {
        guard count > 0 else { return }
        throw StoreError.registryRefused(count > kept.count ? kept + ["and \(count - kept.count) more"] : kept)
    }
}
