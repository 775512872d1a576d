# Sources/HeadEnd/GatewayConversation.swift
# A connection without a word is kept.
# half-open silent-after missing-last-byte
s/if silentPositions\.count >= min(/if silentPositions.count >= 1000 + min(/
