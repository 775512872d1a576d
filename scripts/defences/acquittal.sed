# Sources/HeadEnd/GatewayConversation+Proof.swift
# A meter that contradicted its profile is believed once there is nothing to check.
# swapped-words-of-new-meters
/case \.nothingToCheck where/,+1d
