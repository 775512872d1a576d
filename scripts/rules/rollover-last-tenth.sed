# Sources/VEE/Rollover.swift
# A dial may begin at 0 again from wherever it stood.
# VEETests.RolloverTests/lastTenth
s/return early >= \.zero && isAtEnd && /_ = isAtEnd; return early >= .zero \&\& /
