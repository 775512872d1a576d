# Sources/VEE/ConsumptionRule.swift
# A half hour is compared with the lowest of its day.
# VEETests.SpikeRuleTests/spike
s/let (highest, third) = (sorted\[0\], sorted\[2\])/let (highest, third) = (sorted[0], sorted[sorted.count - 1])/
