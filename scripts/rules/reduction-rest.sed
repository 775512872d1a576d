# Sources/Billing/Reduction.swift
# The last line does not take the rest of a reduction.
# BillingTests.RateTests/reduction
s/position == reduced\.count - 1 ? rest : //
