# Sources/Store/MeterSelf.swift
# Readings of a foreign meter stay cases of their own.
# StoreTests.MeterCaseTests/foreignReadings
/try cases\.passReadings(of: outcome\.meter/d
