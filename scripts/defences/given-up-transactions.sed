# Sources/HeadEnd/GatewayConversation.swift
# Nobody remembers which requests were given up.
# late-reply-after late-reply-other-unit
/func timedOut(/,/^    }/{/abandoned\.append(/d}
