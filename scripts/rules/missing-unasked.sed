# Sources/Store/MissingSearch.swift
# A meter that nobody asked is silent.
# StoreTests.CompletenessCutTests/reasons
s/guard let failure else { return \.unasked }/guard let failure else { return .meterSilent }/
