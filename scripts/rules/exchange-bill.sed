# Sources/Store/DialledPeriod.swift
# A bill counts the old meter up to the morning of its last day.
# StoreTests.ExchangeBillTests/noWattHour
s/min(asOf, meter\.stay\.removedOn?\.next ?? asOf)/min(asOf, meter.stay.removedOn ?? asOf)/
