# Sources/VEE/ConsumptionRule.swift
# Few days say what is usual.
# VEETests.UnusualDayTests/newcomer
s/recent\.days >= Self\.daysMin && energy > above/energy > above/
