# Sources/Store/DialChange.swift
# What a dial counted before its reset is handed over to the new one.
# StoreTests.DialChangeTests/reset
s/guard change\.startIndex == nil || change\.startIndex == change\.endIndex,/guard change.day > ServiceDay(number: 0),/
