# Sources/HeadEnd/PollSchedule.swift
# History goes before readings that are late.
# slow-history
s/? Self\.orderWhenLate : Self\.order/? Self.order : Self.order/
