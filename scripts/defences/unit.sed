# Sources/HeadEnd/GatewayConversation+Listening.swift
# An answer counts for the unit that was asked, whichever unit it names.
# wrong-unit transaction-swapped
s/guard header\.unit == plan\.meters\[pending\.job\.position\]\.unit else/guard header.unit == header.unit else/
