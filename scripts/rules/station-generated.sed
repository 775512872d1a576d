# Sources/Store/StationBalance.swift
# What customers generate does not come in.
# StoreTests.StationBalanceTests/exports
s/return input - returned + generated - supplied/return input - returned - supplied/
