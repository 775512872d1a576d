# Sources/Store/BillRunPart.swift
# A bill of a run looks no further back than two months, whatever is missing.
# StoreTests.BillRunTests/same
s/if indices\.count <= Self\.nearDays {/if false {/
