# Sources/Store/BillQueries.swift
# A station has a bill.
# StoreTests.StationBalanceTests/notBilled
/guard usagePoint\.category != UsagePoint\.stationCategory else/d
