# Sources/VEE/Rollover.swift
# A dial may begin at 0 again in no time.
# VEETests.RolloverTests/ceiling
s/late - early <= most + Self\.step ?/late - early <= most + span ?/
