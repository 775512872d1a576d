# Sources/Store/MissingSearch.swift
# A meter that was never heard is like any other.
# StoreTests.CompletenessCutTests/reasons
/if heard == nil { return \.neverHeard }/d
