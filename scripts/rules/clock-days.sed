# Sources/Store/MeterClocks.swift
# Days whose records a clock dated before it was seen wrong hold up no bill.
# StoreTests.MeterCaseTests/wrongClock
s/if !isKnownWrong, let dial = /if isKnownWrong, let dial = /
