# Sources/Store/ConsumptionCheck.swift
# Estimates are judged as if they were read.
# StoreTests.WorkListTests/estimates
s/last\.day == day\.next, last\.quality != \.estimated else/last.day == day.next else/
s/for index in indices where index\.quality != \.estimated {/for index in indices {/
