import Metering

/// How the network and the gateway's own wire treat what head-end and gateway send each other. Shares are of 1,000.
///
/// Only troubles that a head-end can see through: a frame that is wrong and yet fits a pending request in every byte
/// that the protocol has for telling would be a lie nobody could find out, and would show nothing.
package struct NetworkManners: Hashable, Sendable {
    package enum Reach: Hashable, Sendable {
        case open
        /// Nobody listens: connections are refused, those that stand are reset.
        case refused
        /// Packets vanish: nothing is answered, nothing ends.
        case blackHole
    }

    package var reach = Reach.open
    /// Microseconds that a segment takes.
    package var delay: ClosedRange<Int64> = 200...20_000

    // Harmless: TCP may do it at any time.

    /// Sends that arrive in several pieces.
    package var split = 50
    /// Of these, such that every byte comes by itself.
    package var bytewise = 0

    // Of answers.

    package var duplicated = 0
    /// Comes after the time that its request may take.
    package var late = 0
    /// Comes after the answer behind it.
    package var overtaken = 0
    /// Under a transaction that is not its own, nor that of a request to the same unit.
    package var otherTransaction = 0
    /// With the number of another unit.
    package var otherUnit = 0
    /// Ends too early; what follows on the connection follows at once.
    package var truncated = 0
    /// A whole frame that answers another client comes before it.
    package var foreign = 0
    package var lostAnswers = 0

    // Of requests.

    /// The gateway asks another unit than it was told to, and says so in its answer.
    package var crossed = 0
    package var lostRequests = 0

    // Of sends in either direction: the connection ends with it.

    package var resets = 0
    /// From then on both sides believe in a connection that carries nothing.
    package var halfOpen = 0

    // Of connections.

    package var garbage = 0
    package var slowConnects = 0

    package init() {}

    /// Nothing but delay and pieces.
    package static let calm = NetworkManners()

    /// Whether a reading may fail by it.
    package var isDisturbing: Bool {
        reach != .open || isTampering || lostAnswers + lostRequests + resets + halfOpen + garbage + slowConnects > 0
            || delay != Self.calm.delay
    }

    private var isTampering: Bool {
        duplicated + late + overtaken + otherTransaction + otherUnit + truncated + foreign + crossed > 0
    }

    /// Whether answers have to be looked at one by one.
    var touchesAnswers: Bool { isTampering || lostAnswers > 0 }
}

extension NetworkManners: CustomStringConvertible {
    package var description: String {
        var words: [String] = []
        switch reach {
        case .open: break
        case .refused: return "connections refused"
        case .blackHole: return "packets vanish"
        }
        if delay != Self.calm.delay {
            words.append("delay \(delay.lowerBound / 1000)…\(delay.upperBound / 1000) ms")
        }
        let shares = [
            ("split", split == Self.calm.split ? 0 : split), ("bytewise", bytewise), ("duplicated", duplicated),
            ("late", late), ("overtaken", overtaken), ("other transaction", otherTransaction),
            ("other unit", otherUnit), ("truncated", truncated), ("foreign", foreign), ("answers lost", lostAnswers),
            ("crossed", crossed), ("requests lost", lostRequests), ("resets", resets), ("half-open", halfOpen),
            ("garbage", garbage), ("slow connects", slowConnects),
        ]
        words += shares.filter { $0.1 > 0 }.map { "\($0.0) \($0.1) ‰" }
        return words.isEmpty ? "calm" : words.joined(separator: ", ")
    }
}
