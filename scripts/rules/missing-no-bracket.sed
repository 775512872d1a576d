# Sources/Store/MissingSearch.swift
# A meter that was read since has no reason of its own.
# StoreTests.CompletenessCutTests/reasons
/if heard?\.isSince ?? false { return \.noBracket }/d
