# Sources/Store/MissingSearch.swift
# A gateway that does not answer is no reason.
# StoreTests.CompletenessCutTests/reasons
/guard gatewayAnswers, failure\.map/d
