# Sources/VEE/ConsumptionRule.swift
# Any month is unusual after one that took nothing.
# VEETests.UnusualMonthTests/beside
s/before\.energy > \.zero, month\.days > 0/month.days > 0/
