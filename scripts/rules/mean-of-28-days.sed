# Sources/VEE/ConsumptionRule.swift
# An open day is told by the mean of 29 days.
# VEETests.EstimationTests/meanOf28Days
s/static let count = 28$/static let count = 29/
