# Sources/HeadEnd/GatewayConversation+Asking.swift
# No neighbour is asked whether the line lives.
# silent-after
/if let neighbour = neighbourOfSilent/d
