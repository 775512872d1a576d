# Sources/HeadEnd/GatewayConversation+Listening.swift
# An answer is matched by its slot alone: a late one counts for whatever is asked from that slot now.
s/pending\.transaction == header\.transaction/pending.transaction \& 0x0F == header.transaction \& 0x0F/
