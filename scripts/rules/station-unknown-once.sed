# Sources/Store/StationLedger.swift
# Who is known in neither register is two customers.
# StoreTests.StationBalanceTests/unknownInBoth
s/guard unknown\.insert(usagePointID)\.inserted else { return }/unknown.insert(usagePointID)/
