# Sources/Store/ConsumptionCheck.swift
# A silence that is over is told of when a day of it is judged again.
# StoreTests.RegisterCheckTests/silenceThatIsOver
s/guard since >= first, isLatest || silentThen\.contains(meter\.meter) else/guard since >= first else/
