/// A value that is costly to make and asked for by many screens at once: made once, kept for a short while, and
/// while it is being made everybody waits for the same one.
actor SharedFigures<Value: Sendable> {
    private let lifetime: Duration
    private let make: @Sendable (_ previous: Value?) async throws -> Value
    private var latest: (value: Value, validUntil: ContinuousClock.Instant)?
    private var underway: Task<Value, any Error>?

    /// A value lives for `lifetime` of the monotonic clock, and for nine times as long as it took to make where that
    /// is longer, so that screens never take more than a tenth of a core from collecting.
    /// Zero makes a new value for everyone who asks while none is under way.
    init(lifetime: Duration, make: @escaping @Sendable (_ previous: Value?) async throws -> Value) {
        self.lifetime = lifetime
        self.make = make
    }

    func value() async throws -> Value {
        let asked = ContinuousClock.now
        if let latest, asked < latest.validUntil { return latest.value }
        if let underway { return try await underway.value }
        let task = Task { [make, latest] in try await make(latest?.value) }
        underway = task
        defer { underway = nil }
        let value = try await task.value
        let made = ContinuousClock.now
        latest = (value, lifetime == .zero ? made : made + max(lifetime, (made - asked) * 9))
        return value
    }
}
