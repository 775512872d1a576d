# Sources/Store/DayClosing.swift
# What rules found in days that have not begun stays.
# StoreTests.DayClosingTests/clockAhead
s/try DayCases(db)\.takeBack(from: day, at: instant)//
