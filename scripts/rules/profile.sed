# Sources/Store/MeterSelf.swift
# Voltages that contradict the profile are nobody's case.
# StoreTests.MeterCaseTests/profileCase
/case \.implausible/s/try cases\.open(.*/_ = why/
/case \.implausible(let why):$/{n;s/try cases\.open(.*/_ = why/}
