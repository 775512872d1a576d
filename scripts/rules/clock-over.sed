# Sources/Store/MeterClocks.swift
# A clock that is right again stays a case.
# StoreTests.MeterCaseTests/newestRecord
/try cases\.pass(meter, \.clock, at: instant)/d
