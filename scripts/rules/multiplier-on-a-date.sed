# Sources/Store/DialChange.swift
# Other transformers leave the multiplier as it was.
# StoreTests.DialChangeTests/multiplier
s/multiplier: multiplier ?? old\.multiplier,/multiplier: old.multiplier,/
