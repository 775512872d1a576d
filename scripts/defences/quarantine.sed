# Sources/HeadEnd/GatewayConversation+Listening.swift
# Readings of a meter that is not the one of the registry count.
# meter-exchange swapped-words-of-new-meters
s/isQuarantined: standings\[position\]\.state == \.foreign/isQuarantined: false/
