# Sources/Billing/PriceShares.swift
# A price from memory is in line whatever its share is.
# BillingTests.TariffFolderTests/inLine
s/return distance\.magnitude \* 10_000 \* 2000 >/return false \&\& distance.magnitude * 10_000 * 2000 >/
