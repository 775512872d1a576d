# Sources/Store/MeterLoads.swift
# What a person said of a standstill holds until the next look.
# StoreTests.MeterCaseTests/standingDialReleased
/guard try !selectEnded\.first/d
