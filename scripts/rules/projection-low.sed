# Sources/Store/BilledPeriod.swift
# The lowest that a bill may come to can be above what is expected.
# StoreTests.BillTests/lowAtAChange
s/low: min(try total(toCome\.low, left, tariffs), expected)/low: try total(toCome.low, left, tariffs)/
