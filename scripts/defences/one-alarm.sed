# Sources/HeadEnd/GatewayConversation.swift
# Each meter is told of an outage each time.
# gateway-dead
s/most: hasToldOutage ? 1 : \.max/most: .max/
