# Sources/HeadEnd/GatewayConversation+Listening.swift
# What a gateway says for want of a unit's own word is the unit's life.
# exceptions-of-gateways
s/let isOwnWord = .*/let isOwnWord = reply == reply/
