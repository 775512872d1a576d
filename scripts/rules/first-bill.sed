# Sources/Store/BilledPeriod.swift
# A customer's first bill has the blocks of a whole month.
# StoreTests.BillTests/firstBill
s/from: max(period\.from, first),/from: period.from,/
