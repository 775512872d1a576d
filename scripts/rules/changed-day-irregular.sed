# Sources/Billing/BillingCalendar.swift
# A period that an agreed change of the reading day made has a month's blocks.
# BillingTests.BillingCalendarTests/change
s/, own\.days\.count > 1 || isShifted)/, own.days.count > 1 || isShifted \&\& false)/
