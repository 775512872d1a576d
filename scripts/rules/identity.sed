# Sources/Store/MeterSelf.swift
# Another serial than the registry's is nobody's case.
# StoreTests.MeterCaseTests/identityCase
/case \.foreign:/,/case \.implausible/{/try cases\.open(/,+1d}
