# Sources/Store/StoreCache.swift
# The midnight before a reset is the new dial's.
# StoreTests.ExchangeTests/reset
s/isContinuation ? installedOn + 1 : installedOn/isContinuation ? installedOn : installedOn/
