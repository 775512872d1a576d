import Reactor

/// What an answer will need, asked for in good time. In two steps, because where the second lies stands in what the
/// first brings. They change nothing, but are `mutating` so that the conversation is not copied for them.
extension GatewayConversation {
    /// The lists' own heads. The conversation itself must have been fetched.
    mutating func prefetchLists() {
        slots.prefetchHead(bytes: 160)
        asked.prefetchHead()
        breakers.prefetchHead()
        standings.prefetchHead()
        plan.meters.prefetchHead()
        schedule.prefetchLists()
    }

    /// What is known of the meter whose answer comes, and of the one that will be asked then.
    mutating func prefetchMeters() {
        if let position = slots[0]?.job.position { prefetchMeter(position) }
        if let next = schedule.nextPosition { prefetchMeter(next) }
    }

    private mutating func prefetchMeter(_ position: Int) {
        plan.meters.prefetch(position)
        breakers.prefetch(position)
        standings.prefetch(position)
        schedule.prefetchJob(of: position)
    }
}

extension Array {
    /// The array's count and its first elements.
    func prefetchHead(bytes: Int = 64) {
        withUnsafeBufferPointer {
            guard let first = $0.baseAddress else { return }
            CacheLines.prefetch(UnsafeRawPointer(first) - 32, bytes: bytes)
        }
    }

    /// One element. The position is not checked: nothing is read.
    func prefetch(_ position: Int) {
        withUnsafeBufferPointer {
            guard let first = $0.baseAddress else { return }
            CacheLines.prefetch(first + position, bytes: MemoryLayout<Element>.stride)
        }
    }
}
