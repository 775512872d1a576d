# Sources/Metering/MeterStay.swift
# What the fitter read when a meter was taken down is forgotten.
# StoreTests.ExchangeBillTests/leftForGood
s/? endIndex : nil/? nil : nil/
