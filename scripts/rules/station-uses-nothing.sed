# Sources/Store/CompletenessQueries.swift
# What a station takes in is used in it.
# StoreTests.StationBalanceTests/balanced
s/if let consumption = meter\.consumption, !meter\.isStation {/if let consumption = meter.consumption {/
