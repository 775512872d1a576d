# Sources/HeadEnd/GatewayConversation.swift
# An answer is waited for a thousand times as long.
# late-reply-after dead-unit silent-after half-open dribble
s/max(places, pending\.timeout))/max(places, pending.timeout) \&* 1000)/
s/\.adding(nanoseconds: pending\.timeout)/.adding(nanoseconds: pending.timeout \&* 1000)/
