# Sources/VEE/ConsumptionRule.swift
# A day may take next to nothing.
# VEETests.UnusualDayTests/low
s/&& timesMean\.isMissed(by: energy, /\&\& timesMean.isMissed(by: recent.sum, /
