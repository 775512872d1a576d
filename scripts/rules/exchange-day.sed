# Sources/Store/UsagePointDays.swift
# The day of an exchange is what passed one of its meters.
# StoreTests.ExchangeTests/atNoon
s/sum = (sum ?? \.zero) + part/sum = part/
