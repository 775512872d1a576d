# Sources/Store/DialledDays.swift
# What the fitter read of a silent meter is held against nothing.
# StoreTests.ExchangeTests/readWrongInSilence
s/near\.day <= day$/near.day < ServiceDay(number: 0)/
