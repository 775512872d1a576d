# Sources/Modbus/ReadReply.swift
# The byte count of an answer is not looked at.
# byte-count
/guard pdu\[1\] == byteCount else/d
