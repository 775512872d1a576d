# Sources/Store/BillRun.swift
# A run that was broken off is begun anew.
# StoreTests.BillRunTests/brokenOff
s/if try open\.first(asOf) {/if try false \&\& open.first(asOf) {/
