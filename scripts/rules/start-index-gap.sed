# Sources/Store/GapSettlement.swift
# Days after the fitter's start index are not drawn from it.
# StoreTests.ExchangeGapTests/afterTheStart
s/if fittersIndex(of: stay\.installedOn) != nil, first/if fittersIndex(of: stay.installedOn) == nil, first/
