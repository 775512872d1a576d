# Sources/VEE/ConsumptionRule.swift
# A day needs not take more than the most of the latest days to be unusual.
# VEETests.UnusualDayTests/high
/&& timesMost\.isExceeded(by: energy/d
