# Sources/Store/CorrectionQueries.swift
# A correction does not name the poll that brought it.
# StoreTests.CorrectionTests/lateRecord
s/guard try selectPoll\.first(answered, dial) else/guard try selectPoll.first(answered, -1) else/
