# Sources/Store/StationLedger.swift
# A station's own meter is a customer.
# StoreTests.StationBalanceTests/balanced
s/if meter\.isStation { \(balance\.stationMeters += 1\) } else { \(balance\.customers += 1\) }/\1; \2/
