# Sources/Modbus/ReadReply.swift
# An answer may name any function.
# wrong-function
s/guard pdu\[0\] == function\.rawValue else/guard pdu[0] \& 0x80 == 0 else/
