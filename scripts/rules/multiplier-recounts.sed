# Sources/Store/RegistryImport.swift
# A multiplier put right leaves the closed days as they were.
# StoreTests.DayClosingTests/multiplierPutRight
/if known\.multiplier != installation\.multiplier { noteChange/d
