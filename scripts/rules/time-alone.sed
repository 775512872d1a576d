# Sources/VEE/DialRules.swift
# Time alone makes a suspect dial true.
# StoreTests.IngestTests/suspectStaysSuspect
s/reading\.index >= suspect\.index && !worth/reading.index < suspect.index \&\& !worth/
