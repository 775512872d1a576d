# Sources/VEE/DayKind.swift
# Only Wednesdays tell a Wednesday.
# VEETests.EstimationTests/standIns
s/guard middle\.contains(kind) else/guard middle.isEmpty else/
