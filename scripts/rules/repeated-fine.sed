# Sources/VEE/ConsumptionRule.swift
# A dial too coarse to tell days apart repeats itself.
# VEETests.UnusualDayTests/repeated
s/guard energy > above, resolution <= finest else/guard energy > above, finest >= .zero else/
