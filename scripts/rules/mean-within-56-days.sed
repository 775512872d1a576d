# Sources/VEE/ConsumptionRule.swift
# An open day is told by days of any age.
# VEETests.EstimationTests/nothingKnown
s/static let within = 56$/static let within = 57/
