# Sources/VEE/Rollover.swift
# A dial that has reached its span has gone back.
# VEETests.RolloverTests/midnight
s/return early >= \.zero && isAtEnd && /return early < .zero \&\& isAtEnd \&\& /
