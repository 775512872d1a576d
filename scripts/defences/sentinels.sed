# Sources/Modbus/WordDecoding.swift
# What means "not available" is a number.
# not-available
0,/if isSentinel(bits) { return/{/if isSentinel(bits) { return/d}
