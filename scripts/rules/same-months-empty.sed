# Sources/VEE/ConsumptionRule.swift
# Months in which nobody was there are the same.
# VEETests.UnusualMonthTests/sameMonths
s/guard steps(month\.energy) > 0, months/guard months/
