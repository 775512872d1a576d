# Sources/VEE/RegisterDay.swift
# Rates of which one is unknown are added up all the same.
# VEETests.RegisterRuleTests/unknownRate
s/known\.unknown\.isDisjoint(with: RegisterDay\.rates)/true/
