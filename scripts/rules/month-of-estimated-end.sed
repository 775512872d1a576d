# Sources/Store/MonthCheck.swift
# A month whose end nobody read is verified by nobody.
# StoreTests.WorkListTests/monthOfEstimatedEnd
s/indices\.append(walk\.indices\.first)/indices.append(walk.indices.first { $0.quality != .estimated })/
