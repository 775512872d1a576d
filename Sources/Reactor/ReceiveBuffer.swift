/// Room for what one socket has to say at once, used for each socket of a set in turn.
package final class ReceiveBuffer {
    package let bytes: UnsafeMutableRawBufferPointer

    package init(byteCount: Int) { bytes = .allocate(byteCount: byteCount, alignment: 8) }

    deinit { bytes.deallocate() }

    /// What was received last; valid until the next receive.
    package func first(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<count]) }
}
