# Sources/Store/BillQueries.swift
# The lowest that a bill may come to can be above what is expected.
# StoreTests.BillTests/lowAtAChange
s/low: min(try total(toCome.low), expected)/low: try total(toCome.low)/
