# Sources/Store/StationBalance.swift
# A loss is told however much of it is estimated.
# StoreTests.StationBalanceTests/late
s/, let estimatedThousandths, estimatedThousandths <= estimatedMost else/, estimatedMost >= 0 else/
