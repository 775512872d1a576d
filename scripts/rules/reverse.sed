# Sources/VEE/RegisterDay.swift
# An export that goes on is told each day.
# VEETests.RegisterRuleTests/reverse
s/let before = known\.exportBefore\[quietDays\], before <= above/let before = known.exportBefore[quietDays]/
