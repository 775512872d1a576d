# Sources/HeadEnd/GatewayConversation+Listening.swift
# What a meter lacks is asked for each time.
# register-gap
s/holes\.remember(key, block: UInt8(block), missing: value, at: moment\.civil)/_ = value/
