# Sources/VEE/RegisterDay.swift
# What dials cut off is an error of theirs.
# VEETests.RegisterRuleTests/sum
s/ + known\.bounds + known\.resolution \* Int64(rates\.count + 1)//
