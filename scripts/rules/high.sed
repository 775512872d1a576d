# Sources/VEE/ConsumptionRule.swift
# A day needs not take more than three means to be unusual.
# VEETests.UnusualDayTests/high
/&& timesMean\.isExceeded(by: energy/d
