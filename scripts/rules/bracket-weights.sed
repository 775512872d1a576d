# Sources/Store/GapSettlement.swift
# A gap is drawn as a straight line, whatever the house has chosen.
# StoreTests.LikeDayGapTests/weighed
s/guard rules\.bracketed == \.likeDayWeights else/guard rules.bracketed != .likeDayWeights else/
