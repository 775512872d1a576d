# Sources/Store/BillQueries.swift
# A customer's last bill has the blocks of a whole month.
# StoreTests.BillTests/lastBill
s/through: min(period\.through, last ?? period\.through))/through: period.through)/
