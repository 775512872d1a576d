# Sources/VEE/GapEstimate.swift
# Few days before a gap weigh its days.
# StoreTests.LikeDayGapTests/straight
/guard RecentDays(of: history, before: days\.lowerBound)\.days >= ConsumptionRule\.daysMin/d
