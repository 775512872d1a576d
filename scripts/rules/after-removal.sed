# Sources/Store/StoreCache.swift
# A meter has indices of days after it was taken down.
# StoreTests.IngestTests/outsideService
s/ && day\.number <= removedOn$//
