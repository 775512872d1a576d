# Sources/Store/BillRun.swift
# A second run writes every bill again.
# StoreTests.BillRunTests/again
s/if bills\[position\] != kept {/if true {/
