# Sources/Store/BillQueries.swift
# What is held back holds no bill of the days before it was seen.
# StoreTests.BillTests/heldBack
s/: heldBackFrom ?? asOf)/: asOf)/
