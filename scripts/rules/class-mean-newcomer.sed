# Sources/VEE/OpenDays.swift
# A few days of a newcomer's own tell its open days.
# VEETests.OpenDaysTests/newcomer
s/if recent\.days >= ConsumptionRule\.daysMin,/if recent.days >= 0,/
