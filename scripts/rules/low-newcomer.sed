# Sources/VEE/ConsumptionRule.swift
# Few days say what is usual.
# VEETests.UnusualDayTests/low
s/return recent\.days >= Self\.daysMin$/return recent.days > 0/
/case \.high(let/,/case \.low(let/s/recent\.days > 0$/recent.days >= Self.daysMin/
