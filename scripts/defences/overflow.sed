# Sources/VEE/Rollover.swift
# A dial may show more digits than it has.
# rollover
s/guard limits\.holds(shown\.index) else/guard limits.holds(shown.index) || shown.index >= .zero else/
