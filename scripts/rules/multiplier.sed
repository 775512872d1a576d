# Sources/Store/ConsumptionQueries.swift
# What passed a meter is not multiplied.
# StoreTests.ExchangeTests/multiplier
s/to: end\.index, multiplier: meter\.installation\.multiplier)/to: end.index, multiplier: 1)/
