# Sources/Store/MissingSearch.swift
# A case that keeps readings from counting is no reason.
# StoreTests.CompletenessCutTests/reasons
/if let refusal { return \.refused(refusal) }/d
