# Sources/Store/DialledDays.swift
# What the fitter read is taken for what the dial had counted.
# StoreTests.ExchangeGapTests/afterRollover
/if day == stay\.removedOn { end = dial\.counted/d
s/if let start, var end = /if let start, let end = /
