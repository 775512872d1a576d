# Sources/Billing/Rating.swift
# A price from memory is used without anybody having allowed it.
# BillingTests.RateTests/unverified
s/guard usesUnverifiedPrices || decision/guard true || decision/
