# Sources/VEE/DialRules.swift
# A dial may show more digits than it has.
# rollover
/if let span = limits\.span/d
