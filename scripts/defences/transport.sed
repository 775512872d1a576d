# Sources/HeadEnd/LineFraming.swift
# Every gateway is taken to speak Modbus/TCP.
# rtu-over-tcp
s/case \.rtuOverTCP, \.rtu: self = \.rtu(RTUFrameParser())/case .rtuOverTCP, .rtu: self = .tcp(FrameParser())/
