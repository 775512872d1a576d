# Sources/Store/GapSettlement.swift
# A day whose fitter is contradicted later is not counted again.
# StoreTests.ExchangeTests/readWrongInSilence
s/if left\.lineage == nil { try reopen\.run(left\.index\.day) }//
