# Sources/Store/Retention.swift
# So few months may be kept that rules take the first day kept for the first day ever closed.
# StoreTests.RetentionTests/shortest
s/indexMonths = 14\.\.\./indexMonths = 1.../
