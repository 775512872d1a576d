# Sources/HeadEnd/GatewayConversation+Listening.swift
# No meter is given a rest.
# pause-needed
s/nextSend = pause > 0 ? moment\.monotonic\.adding(milliseconds: pause) : \.zero/nextSend = .zero/
