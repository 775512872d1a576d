# Sources/Store/BillQueries.swift
# An open case is not written on the bill.
# StoreTests.WorkListTests/monthOnMonth
s/AND severity <> 'warns' AND/AND severity = 'none' AND/
