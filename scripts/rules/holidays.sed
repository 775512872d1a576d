# Sources/VEE/DayKind.swift
# A holiday is what its weekday says.
# VEETests.EstimationTests/likeDays
s/holidays\.contains(day) ? 7 : day\.weekday/day.weekday/
