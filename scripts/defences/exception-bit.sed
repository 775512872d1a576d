# Sources/Modbus/ReadReply.swift
# An exception is an answer that does not fit.
# exceptions exceptions-of-gateways busy register-limit register-gap
s/if pdu\[0\] == function\.rawValue | 0x80 {/if pdu[0] == 0 {/
