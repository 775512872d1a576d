extension GatewayWire {
    /// What is to be done, in this order. Reused from event to event: a busy gateway allocates nothing.
    package struct Actions: Sendable {
        package enum Step: Hashable, Sendable {
            /// One segment, to be written by itself: a range of `bytes`.
            case send(ConnectionNumber, Range<Int>)
            /// Hang up (FIN), after what was sent before. The wire has forgotten this connection.
            case close(ConnectionNumber)
            /// Tear down (RST). The wire has forgotten this connection.
            case reset(ConnectionNumber)
            /// The connection that has just opened is none: the client sees a refusal. The wire has forgotten it.
            case refuse(ConnectionNumber)
            /// From now on the gateway's port is open, or closed. It is open until the first of these steps; with a
            /// closed port nobody connects, and whoever still does is refused.
            case listen(Bool)
        }

        package private(set) var steps: [Step] = []
        package internal(set) var bytes: [UInt8] = []
        /// Room for one reply's words.
        var words: [UInt16] = []
        /// Whether the next answer may share the last step's segment.
        private var isSegmentOpen = false

        package init() {}

        package mutating func removeAll() {
            steps.removeAll(keepingCapacity: true)
            bytes.removeAll(keepingCapacity: true)
            isSegmentOpen = false
        }

        mutating func add(_ step: Step) {
            steps.append(step)
            isSegmentOpen = false
        }

        /// Makes a segment of the bytes from `start` on, or lengthens the one just before: answers that are due
        /// together leave together.
        mutating func addSegment(from start: Int, to connection: ConnectionNumber) {
            guard bytes.count > start else { return }
            if isSegmentOpen, case .send(connection, let range)? = steps.last {
                steps[steps.count - 1] = .send(connection, range.lowerBound..<bytes.count)
            } else {
                steps.append(.send(connection, start..<bytes.count))
                isSegmentOpen = true
            }
        }

        /// The same for bytes made elsewhere; `alone` keeps them in a segment of their own.
        mutating func addSegment(_ segment: some Collection<UInt8>, alone: Bool, to connection: ConnectionNumber) {
            if alone { isSegmentOpen = false }
            let start = bytes.count
            bytes.append(contentsOf: segment)
            addSegment(from: start, to: connection)
            if alone { isSegmentOpen = false }
        }
    }
}
