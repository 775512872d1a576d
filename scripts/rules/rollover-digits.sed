# Sources/VEE/DialRules.swift
# A dial of unknown digits begins at 0 again at five.
# VEETests.RolloverTests/unknownDigits
s/contains(digits) ? digits : Self\.digitsMax/contains(digits) ? digits : 5/
