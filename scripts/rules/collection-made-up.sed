# Sources/Alarms/CollectionLook.swift
# A look at 06:00 that could not be kept is never made up for.
# AlarmsTests.CollectionLookTests/failed
s/^        let kept = try look()/        latest = instant\n        let kept = try look()/
