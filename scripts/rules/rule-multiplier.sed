# Sources/Store/ConsumptionCheck.swift
# Rules judge what the dial passed, without its multiplier.
# StoreTests.WorkListTests/multiplier
s/to: index\.index, multiplier: meter\.multiplier)/to: index.index, multiplier: 1)/
