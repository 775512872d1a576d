# Sources/VEE/DialRules.swift
# A dial may show more digits than it has.
# not-available swapped-words
/if let span = limits\.span/d
