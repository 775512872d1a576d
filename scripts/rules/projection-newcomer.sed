# Sources/VEE/DaysToCome.swift
# The weeks of which nothing is known of a newcomer count as ones like the others.
# VEETests.DaysToComeTests/newcomer
s/deviations += Int64(Self.weeks - weeks) \* mean/deviations += 0 * mean/
