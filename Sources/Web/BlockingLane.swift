import Foundation

/// A few threads for calls that block. The store's do; the server's own threads must never wait for a disk.
struct BlockingLane: Sendable {
    private let queue = OperationQueue()

    /// `width` calls at most run at a time; the others wait their turn.
    init(name: String, width: Int) {
        queue.name = name
        queue.maxConcurrentOperationCount = width
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result(catching: body)) }
        }
    }
}
