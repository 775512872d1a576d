# Sources/Store/BilledPeriod.swift
# A projected price change is told as a known one.
# StoreTests.BillTests/projectedChange
s/if part\.index == nil, dialled\.projected/if part.index == nil, false, dialled.projected/
