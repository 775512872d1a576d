# Sources/Metering/Registry.swift
# A dial of unknown digits begins at 0 again at five.
# VEETests.RolloverTests/unknownDigits
s/contains(digits) ? digits : 12/contains(digits) ? digits : 5/
