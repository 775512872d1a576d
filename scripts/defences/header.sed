# Sources/Modbus/FrameParser.swift
# Any six bytes are a header.
# rtu-frames garbage-on-connect missing-last-byte exception-wrong-length
s/return lengths\.contains(length) ? .success/return length > 0 || lengths.contains(length) ? .success/
s/guard protocolID == 0 else/guard protocolID >= 0 || stretch.isEmpty else/
s/guard stretch\.count < 3 || stretch\[2\] == 0 else/guard stretch.count < 4 else/
