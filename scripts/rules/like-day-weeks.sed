# Sources/VEE/GapEstimate.swift
# A day is told by days like it of three weeks.
# VEETests.EstimationTests/likeDays
s/static let weeks = 4$/static let weeks = 3/
