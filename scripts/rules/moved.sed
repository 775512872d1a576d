# Sources/Store/RegistryImport.swift
# A meter stays behind the gateway that it first had.
# StoreTests.IngestTests/moved
s/if row\.integer(1) == gateway, row\.integer(2) == Int64.*/if row.integer(1) >= 0, row.integer(2) >= 0,/
