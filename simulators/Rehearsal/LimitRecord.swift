import HeadEnd
import Metering

/// The most that was held of whatever has a limit.
package struct LimitRecord: Sendable {
    /// Outcomes that waited for the store.
    package var pendingMost = 0
    /// By gateway.
    package var heldMost: [String: HeldState] = [:]

    mutating func pending(_ count: Int) { pendingMost = max(pendingMost, count) }

    /// Looking costs as much as an event: not every event is looked at.
    mutating func look(at conversation: GatewayConversation, after events: Int) {
        guard events % 16 == 0 else { return }
        heldMost[conversation.plan.gateway.name, default: HeldState()].stretch(to: conversation.held)
    }
}
