# Sources/HeadEnd/GatewayConversation.swift
# A record is waited for no longer than any answer.
# slow-history
s/historyTimeouts += 1/historyTimeouts += 0/
