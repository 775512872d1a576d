# Sources/Store/DialChange.swift
# A dial may show more than it has digits for.
# StoreTests.DialChangeTests/refused
s/guard let index, !MeterInstallation\.dial(ofDigits: digits)\.holds(index) else/guard let index, index < .zero else/
