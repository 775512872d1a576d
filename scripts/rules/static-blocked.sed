# Sources/Store/MeterLoads.swift
# A dial whose readings are held back is taken to have moved.
# StoreTests.MeterCaseTests/standingDialBlocked
s/guard try !selectBlocked\.first(key) else { return }//;s/let index = try importIndex(of: meter, dials)/let index = try selectBlocked.first(key) ? nil : try importIndex(of: meter, dials)/
