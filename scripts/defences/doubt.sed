# Sources/HeadEnd/GatewayConversation+Proof.swift
# A suspicious reading leaves its meter believed.
# meter-exchange
/func doubt(/,/^    }/{/state = \.unknown/d}
