# Sources/Store/RegisterCheck.swift
# A register that falls silent is told of nobody.
# StoreTests.RegisterCheckTests/sibling
s/if indices\.count == 1 { own\.withoutEnd\.insert(register) }//
