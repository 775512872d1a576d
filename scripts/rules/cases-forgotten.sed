# Sources/Store/Retention.swift
# Cases stay when their days are forgotten.
# StoreTests.RetentionTests/cases
/Forgetting("meterCase", "lastDay"/d
