# Sources/Store/ConsumptionCheck.swift
# A meter is silent since it was installed, though nobody asked it then.
# StoreTests.RegisterCheckTests/neverHeardBefore
s/{ max(meter\.stay\.installedOn, beganOn ?? first) }/{ meter.stay.installedOn }/
