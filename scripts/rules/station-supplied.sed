# Sources/Store/StationLedger.swift
# What a station takes in is supplied to it.
# StoreTests.StationBalanceTests/balanced
s/balance\.input = balance\.input + energy/balance.supplied = balance.supplied + energy/
