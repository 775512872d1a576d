# Sources/VEE/ConsumptionRule.swift
# Three times next to nothing is unusual.
# VEETests.UnusualDayTests/little
s/recent\.days >= Self\.daysMin && energy > above/recent.days >= Self.daysMin \&\& above >= .zero/
