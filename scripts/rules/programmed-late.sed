# Sources/Billing/RateHours.swift
# A meter that is not programmed yet counts by the new hours.
# BillingTests.RateHoursTests/programming
s/return schedules\[position - 1\]/return schedules[position]/
