# Sources/Store/BilledPeriod.swift
# A bill of a period that is over is projected.
# StoreTests.BillTests/projectedFromHistory
s/guard asOf <= period.through, left > 0,/guard left > 0,/
