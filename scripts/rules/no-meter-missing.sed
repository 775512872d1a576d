# Sources/Store/UsagePointDays.swift
# Days without a meter are missing.
# StoreTests.ExchangeBillTests/daysWithout
s/var knowledge = Knowledge\.withoutMeter/var knowledge = Knowledge.missing/
