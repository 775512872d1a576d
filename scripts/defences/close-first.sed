# Sources/HeadEnd/GatewayConversation.swift
# A connection is given up without being closed.
# connection-limit
/func close(/,/^    }/{s/actions\.close = why/actions.close = nil/}
