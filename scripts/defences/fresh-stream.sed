# Sources/HeadEnd/GatewayConversation.swift
# What came over the connection before begins the stream of the next.
# reset-mid-reply
/func connected(/,/^    }/{/framing\.reset()/d}
