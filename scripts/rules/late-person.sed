# Sources/Metering/DailyIndex.swift
# A late record takes the place of what a person entered.
# StoreTests.DayClosingTests/edited
s/other != \.edited && rawValue <= other\.rawValue/rawValue <= other.rawValue || other == .edited/
