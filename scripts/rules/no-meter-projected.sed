# Sources/Store/OpenDays.swift
# Energy is projected onto days between two meters.
# StoreTests.ProjectedBillTests/withoutMeter
s/guard case \.missing = \(.*\) else { continue }/if case .measured = \1 { continue }/
s/guard closed\.count < showing\.count else/guard showing.isEmpty || closed.count < showing.count else/
