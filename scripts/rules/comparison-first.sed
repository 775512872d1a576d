# Sources/Store/BillComparison.swift
# A customer's first period is compared at the price of a whole month's blocks.
# StoreTests.BillComparisonTests/firstPeriod
s/isIrregular: isScaled || period != ordinary,/isIrregular: isScaled,/
