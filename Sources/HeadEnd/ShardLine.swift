import Reactor

extension Shard {
    /// One gateway: its conversation and its socket.
    struct Line {
        var conversation: GatewayConversation
        /// `nil` until its host name is resolved; a numeric host is at once.
        var address: SocketAddress?
        var socket: Int32 = -1
        /// Grows with each socket, so that an event meant for its predecessor is recognised.
        var generation: UInt32 = 0
        var isConnected = false
        /// Bytes the socket has not taken yet.
        var unsent: [UInt8] = []
        /// What the epoll set was last asked to tell about this socket.
        var watched: EpollSet.Interest?
        /// When this line is looked at again; the wake heap may hold older entries for it.
        var wakeAt = MonotonicTime.never
        /// The gateway left the registry: the place is free.
        var isRetired = false
    }

    /// Bytes of `outgoing` for one line, from where the letter before it ends.
    struct Letter {
        let line: Int
        let generation: UInt32
        let end: Int
    }

    struct Wake: Comparable {
        let at: MonotonicTime
        let line: Int
        static func < (left: Wake, right: Wake) -> Bool { left.at < right.at }
    }
}
