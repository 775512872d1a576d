# Sources/Billing/BillingCalendar.swift
# A changed reading day bills days twice.
# BillingTests.BillingCalendarTests/everyDayOnce
s/let from = lastReading(before: day)\.next/let from = readingDays(on: through).lastReading(before: day).next/
