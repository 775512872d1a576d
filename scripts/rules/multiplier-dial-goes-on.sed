# Sources/Store/DialChange.swift
# Under another multiplier the dial begins anew.
# StoreTests.DialChangeTests/multiplier
s/if !change\.isRemoval, change\.serial == nil {/if change.isRemoval, change.serial == nil {/
