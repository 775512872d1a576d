# Sources/VEE/ConsumptionRule.swift
# Days may take the same energy as long as they like.
# VEETests.UnusualDayTests/repeated
s/most: days + 1) == days$/most: days + 1) < 0/
