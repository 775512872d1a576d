# Sources/Store/StoreCache.swift
# A meter has indices of days before it was put up.
# StoreTests.IngestTests/outsideService
s/day\.number >= (isContinuation ? installedOn + 1 : installedOn) && //
