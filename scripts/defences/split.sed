# Sources/HeadEnd/GatewayConversation+Listening.swift
# A block that is refused is not read in parts.
# register-limit register-gap
s|} else if values\.count > 1 {|} else if values.count > 1000 {|
