# Sources/Store/IndexWriter.swift
# Estimates beside a late index stay as they were drawn.
# StoreTests.LateTruthTests/afterTheBill
s/if index\.quality != \.estimated, try hasEstimateBeside/if index.quality == .estimated, try hasEstimateBeside/
