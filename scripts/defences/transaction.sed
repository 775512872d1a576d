# Sources/HeadEnd/GatewayConversation+Listening.swift
# An answer counts for the request in flight, whichever transaction it names.
# transaction-constant transaction-zero transaction-off-by-one foreign-reply
s/let slot = plan\.hasNoTransactions ? 0 : Int(header\.transaction & 0x0F)/let slot = 0/
s/plan\.hasNoTransactions || pending\.transaction == header\.transaction/header.unit == header.unit || pending.transaction == 0/
