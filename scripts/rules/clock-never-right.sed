# Sources/Store/MeterClocks.swift
# A clock that was never seen right is taken for right until then.
# StoreTests.MeterCaseTests/neverRight
s/lastRight: wasRight ? seen : nil/lastRight: wasRight ? seen : instant/
