# Sources/Store/MissingSearch.swift
# A case that is over is a reason.
# StoreTests.CompletenessCutTests/solved
/SELECT meter, kind FROM meterCase/{n;s/closed IS NULL AND //}
