# Sources/Billing/ProvisionalBill.swift
# The reactive charge shares its VAT with the energy.
# BillingTests.RateTests/ownInvoice
s/vat = (preVAT - reactive)\.share(percent: vatPercent) + reactive\.share(percent: vatPercent)/vat = preVAT.share(percent: vatPercent)/
