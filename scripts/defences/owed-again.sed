# Sources/HeadEnd/GatewayConversation+Proof.swift
# A record that was not believed is not asked for again.
# not-available swapped-words
s/schedule\.owe(position, day)/_ = day/
