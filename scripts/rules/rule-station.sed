# Sources/VEE/ConsumptionRule.swift
# Rules for customers judge what a station takes in.
# StoreTests.StationBalanceTests/notBilled
s/?? (category != UsagePoint\.stationCategory)/?? true/
