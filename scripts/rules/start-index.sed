# Sources/Metering/MeterStay.swift
# What the fitter read when a meter was put up is forgotten.
# StoreTests.ExchangeTests/twoDaysWithout
s/day == installedOn ? startIndex : /day == installedOn ? nil : /
