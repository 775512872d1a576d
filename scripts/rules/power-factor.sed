# Sources/VEE/RegisterDay.swift
# A power factor is compared the other way round.
# VEETests.RegisterRuleTests/powerFactor
s/return a \* a \* (1_000_000 - f \* f) < r \* r \* f \* f/return a * a * (1_000_000 - f * f) > r * r * f * f/
