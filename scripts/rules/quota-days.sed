# Sources/Billing/BlockQuota.swift
# Days without a meter bring blocks.
# BillingTests.BlockQuotaTests/withoutMeter
s/return quotaDays(before: end) - Int64(.*/return quotaDays(before: end) - Int64(idle.count * 0)/
