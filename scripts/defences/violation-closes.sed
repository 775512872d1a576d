# Sources/HeadEnd/GatewayConversation+Listening.swift
# A stream out of step is kept.
# rtu-frames garbage-on-connect exception-wrong-length
/^    private mutating func receive/,/^    }/{/close(error\.description/d}
