# Sources/HeadEnd/GatewayConversation+Proof.swift
# A new meter is believed whatever its own values say.
# swapped-words-of-new-meters not-available-of-new-meters
s/if !standings\[position\]\.isChecked, let why/if standings[position].isChecked, let why/
