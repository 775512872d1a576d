import Modbus

/// A request that waits for its gateway's latency.
struct DueRequest: Sendable {
    /// Monotonic nanoseconds.
    let due: UInt64
    /// Order of arrival: requests due at the same time are answered in it.
    let arrival: UInt64
    let connection: ConnectionToken
    let header: MBAPHeader
    let pdu: [UInt8]
}

/// Requests by the time they are due: a binary heap, earliest first.
struct DueRequests: Sendable {
    private var heap: [DueRequest] = []

    var earliest: UInt64? { heap.first?.due }

    mutating func insert(_ request: DueRequest) {
        heap.append(request)
        var child = heap.count - 1
        while child > 0, Self.precedes(heap[child], heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The earliest request if it is due at `now`.
    mutating func removeDue(at now: UInt64) -> DueRequest? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Self.precedes(heap[child], heap[least]) { least = child }
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private static func precedes(_ left: DueRequest, _ right: DueRequest) -> Bool {
        (left.due, left.arrival) < (right.due, right.arrival)
    }
}

/// A connection's place in its shard, with a generation: the place may be taken by another one since.
struct ConnectionToken: Hashable, Sendable {
    let slot: Int
    let generation: UInt32

    init(slot: Int, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// As it travels with a socket in the set: the top bit tells listeners apart.
    init(rawValue: UInt64) {
        slot = Int(rawValue & 0xFFFF_FFFF)
        generation = UInt32(truncatingIfNeeded: rawValue >> 32) & Self.generationMask
    }

    var rawValue: UInt64 { UInt64(generation & Self.generationMask) << 32 | UInt64(slot) }

    static let generationMask: UInt32 = 0x7FFF_FFFF
    static let listenerBit: UInt64 = 1 << 63
}
