# Sources/VEE/DayKind.swift
# A holiday in a gap is what its weekday says.
# StoreTests.LikeDayGapTests/holiday
s/holidays\.contains(day) ? 7 : day\.weekday/day.weekday/
