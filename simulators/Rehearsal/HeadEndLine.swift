import HeadEnd

/// One gateway's line as the head-end keeps it: what `Shard` has beside the conversation.
/// A class, so that looking at a line copies no conversation.
final class HeadEndLine {
    var conversation: GatewayConversation
    /// The connection under way or open.
    var link: UInt64?
    var isConnected = false
    /// When it is looked at again; older looks in the queue of events are void.
    var wakeAt = Int64.max

    init(_ conversation: GatewayConversation) { self.conversation = conversation }
}
