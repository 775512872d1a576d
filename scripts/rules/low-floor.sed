# Sources/VEE/ConsumptionRule.swift
# A tenth of next to nothing is unusual.
# VEETests.UnusualDayTests/low
/&& Factor\.one\.isMissed(by: meanAbove/d
