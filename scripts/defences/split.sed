# Sources/HeadEnd/GatewayConversation+Listening.swift
# A block that is refused is not read in parts.
# register-limit register-gap
s/if values\.count > 1, !holes/if values.count > 1000, !holes/
