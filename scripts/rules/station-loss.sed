# Sources/Store/StationBalance.swift
# A customer whose index is missing is lost energy.
# StoreTests.StationBalanceTests/missing
s/unknownStationMeters == 0, unknownCustomers == 0 else/unknownStationMeters == 0 else/
