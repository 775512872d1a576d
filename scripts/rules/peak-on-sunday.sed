# Sources/Billing/RateHours.swift
# Sundays have a peak.
# BillingTests.RateHoursTests/today
s/ \&\& day\.weekday != 7//
