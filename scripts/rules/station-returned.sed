# Sources/Store/StationBalance.swift
# What a station gives back is lost.
# StoreTests.StationBalanceTests/exports
s/return input - returned + generated - supplied/return input + generated - supplied/
