# Sources/VEE/ConsumptionRule.swift
# Months may take the same energy as long as they like.
# VEETests.UnusualMonthTests/sameMonths
s/guard steps(month\.energy) > 0, months\.count >= count/guard steps(month.energy) > 0, months.count < 0/
