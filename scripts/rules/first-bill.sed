# Sources/Store/BillQueries.swift
# A customer's first bill has the blocks of a whole month.
# StoreTests.BillTests/firstBill
s/BillingPeriod(from: max(period\.from, first), /BillingPeriod(from: period.from, /
