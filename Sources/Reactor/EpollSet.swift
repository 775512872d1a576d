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

    /// A socket that is ready, by its token.
    package struct Event {
        package let token: UInt64
        package let readiness: Readiness
    }

    /// Events that one look takes at most, and looks that one turn takes: timers and jobs get theirs too.
    package static let eventsMax = 256
    package static let looksMax = 8

    private let descriptor: Int32
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: eventsMax)
    private var source: (any DispatchSourceRead)?

    package init() throws(SocketError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            let code = errno
            events.deallocate()
            throw SocketError(call: "epoll_create1", code: code)
        }
    }

    deinit {
        events.deallocate()
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

    /// Looks once, without waiting. Returns how many sockets are ready, each an `event`; fewer than `eventsMax` are all
    /// there are.
    package func look() -> Int { max(0, Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), 0))) }

    /// One of the events that the last `look` found.
    package func event(_ place: Int) -> Event {
        let flags = events[place].events
        return Event(
            token: events[place].data.u64,
            readiness: Readiness(
                canRead: flags & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0,
                canWrite: flags & EPOLLOUT.rawValue != 0))
    }

    /// Calls `body` for ready sockets, for one turn.
    package func drain(_ body: (UInt64, Readiness) -> Void) {
        for _ in 0..<Self.looksMax {
            let count = look()
            for place in 0..<count {
                let event = event(place)
                body(event.token, event.readiness)
            }
            if count < Self.eventsMax { return }
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
