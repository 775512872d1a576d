# Sources/Store/DialledDays.swift
# The feed of an exchange's day is what passed one of its meters.
# StoreTests.ExchangeTests/atNoon
s/{ consumption = before + after }/{ consumption = before < .zero ? before : after }/
