# Sources/HeadEnd/GatewayConversation+Listening.swift
# Exceptions 0x0A and 0x0B are like any other.
# exceptions-of-gateways
s/case 0x0A, 0x0B:/case 0xFA, 0xFB:/
