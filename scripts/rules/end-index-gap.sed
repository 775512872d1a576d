# Sources/Store/GapSettlement.swift
# Days before the fitter's end index are not drawn to it.
# StoreTests.ExchangeGapTests/beforeTheEnd
s/fittersIndex(of: end) != nil, end - last/fittersIndex(of: end) == nil, end - last/
