# Sources/Store/BillQueries.swift
# What is held back holds no bill of the days before it was seen.
# StoreTests.BillTests/heldBack
s/min(calendar\.day(at: since), heldBackFrom ?? asOf)/calendar.day(at: since)/
