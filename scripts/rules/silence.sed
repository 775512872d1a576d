# Sources/VEE/RegisterDay.swift
# A meter that nobody reads is told of each day.
# VEETests.RegisterRuleTests/silence
s/, days\.contains(silent) else {/ else {/
