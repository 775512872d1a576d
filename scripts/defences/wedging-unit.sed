# Sources/HeadEnd/GatewayConversation.swift
# Whoever wedges a line is forgiven each time.
# dribble
s/silentPositions\.dropFirst(hasAnsweredSinceConnect ? 1 : 0)/silentPositions/
