# Sources/VEE/GapEstimate.swift
# Each day of a gap is rounded by itself.
# VEETests.BracketedEstimateTests/roundsDown
s/return through - passed$/return through < passed ? passed : Energy(wattHours: total.wattHours \/ sum * own)/
