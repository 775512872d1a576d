# Sources/Store/BilledPeriod.swift
# A customer's last bill has the blocks of a whole month.
# StoreTests.BillTests/lastBill
s/isOver ? last ?? period\.through : period\.through/period.through/
