# Sources/HeadEnd/UnitBreaker.swift
# A silent unit is asked like any other.
# dead-unit late-reply-after wrong-unit exceptions-of-gateways
s/silencesMax: UInt8 = 2/silencesMax: UInt8 = 250/
