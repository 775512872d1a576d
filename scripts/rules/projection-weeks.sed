# Sources/VEE/DaysToCome.swift
# How far weeks differ says nothing of the days to come.
# VEETests.DaysToComeTests/told
s/for week in 0\.\.<weeks {/for week in 0..<weeks * 0 {/
