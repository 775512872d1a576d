# Sources/VEE/ConsumptionRule.swift
# Months are compared whatever their days.
# VEETests.UnusualMonthTests/monthOnMonth
s/ \* Int64(before\.days)),/),/
s/ \* Int64(month\.days)))/))/
