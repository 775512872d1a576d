# Sources/VEE/RegisterDay.swift
# A meter that nobody reads is told of each day.
# VEETests.RegisterRuleTests/silence
s/toldOn\.map({ \$0 < last }) ?? true/true/
