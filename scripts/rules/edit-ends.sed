# Sources/Store/CaseActs.swift
# An edit leaves the cases about its register open.
# StoreTests.SuspectCaseTests/edited
s/try writeAll(rows, \.edited, by: who, at: instant) { _ in why }/_ = rows/
