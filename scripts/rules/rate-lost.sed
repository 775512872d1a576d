# Sources/Store/RatedPeriod.swift
# A rate whose register is lost counts what it had.
# StoreTests.RatedBillTests/lostRegister
s/energy = isWhole ? known : /energy = known.sum > .zero ? known : /
