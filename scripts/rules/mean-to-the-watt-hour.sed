# Sources/VEE/GapEstimate.swift
# Each open day is rounded by itself.
# VEETests.EstimationTests/meanOf28Days
s/map { parts\[\$0 % parts\.count\] }/map { _ in parts[0] }/
