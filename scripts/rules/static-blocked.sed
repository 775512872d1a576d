# Sources/Store/MeterLoads.swift
# A dial whose readings are held back is taken to have moved.
# StoreTests.MeterCaseTests/standingDialBlocked
s/? before?\.heldBack(at: instant) ?? \.seen(after: nil, load: load, index: nil, at: instant)/? StandingDial.seen(after: before, load: load, index: nil, at: instant)/
s/guard !isHeldBack else { return }//
