import CEpoll
import Dispatch
import Glibc

/// A set of sockets watched through one epoll descriptor, which itself is watched by one Dispatch source.
/// Level-triggered, so what a bounded `drain` leaves behind fires again by itself. A token travels with each
/// socket: put a generation in it, so that an event for a slot closed in the same batch is recognised.
/// Belongs to the actor that made it.
package final class EpollSet {
    /// What to be told about.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let read = Interest(rawValue: EPOLLIN.rawValue)
        package static let write = Interest(rawValue: EPOLLOUT.rawValue)
    }

    /// What happened. A hang-up or error counts as readable: the read that follows names it.
    package struct Readiness: Sendable {
        package let canRead: Bool
        package let canWrite: Bool
    }

    private let descriptor: Int32
    private var source: (any DispatchSourceRead)?

    package init() throws(SocketError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SocketError(call: "epoll_create1", code: errno) }
    }

    deinit {
        // With a source, its cancel handler closes the descriptor: the one safe place.
        if let source { source.cancel() } else { close(descriptor) }
    }

    /// Calls `handler` on `queue` whenever a socket of the set is ready, until `stopWatching`.
    package func watch(on queue: DispatchQueue, _ handler: @escaping @Sendable () -> Void) {
        let descriptor = descriptor
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler(handler: handler)
        source.setCancelHandler { close(descriptor) }
        source.activate()
        self.source = source
    }

    package func add(_ socket: Int32, token: UInt64, _ interest: Interest) throws(SocketError) {
        try control(EPOLL_CTL_ADD, socket, token, interest)
    }

    package func modify(_ socket: Int32, token: UInt64, _ interest: Interest) throws(SocketError) {
        try control(EPOLL_CTL_MOD, socket, token, interest)
    }

    /// Takes a socket out; closing it does the same, so a failure is no fault.
    package func remove(_ socket: Int32) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
    }

    /// Calls `body` for ready sockets: at most 8 × 256, so that timers and jobs get their turn.
    package func drain(afterBatch: () -> Void = {}, _ body: (UInt64, Readiness) -> Void) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
            for _ in 0..<8 {
                let count = Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), 0))
                guard count > 0 else { return }
                for event in events[..<count] {
                    let flags = event.events
                    body(
                        event.data.u64,
                        Readiness(
                            canRead: flags & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0,
                            canWrite: flags & EPOLLOUT.rawValue != 0))
                }
                afterBatch()
                if count < events.count { return }
            }
        }
    }

    private func control(
        _ operation: Int32, _ socket: Int32, _ token: UInt64, _ interest: Interest
    ) throws(SocketError) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = token
        guard epoll_ctl(descriptor, operation, socket, &event) == 0 else {
            throw SocketError(call: "epoll_ctl", code: errno)
        }
    }
}
