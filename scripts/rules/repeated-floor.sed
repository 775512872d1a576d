# Sources/VEE/ConsumptionRule.swift
# A home in which nobody is repeats itself.
# VEETests.UnusualDayTests/repeated
s/guard energy > above, resolution <= finest else/guard above >= .zero, resolution <= finest else/
