import Metering

/// One fault of the field: what goes wrong behind a gateway, when, how often, and for which units. Values only; what
/// it does on the wire is `GatewayWire`'s.
package struct Fault: Hashable, Sendable {
    package let kind: FaultKind
    package let schedule: FaultSchedule
    /// `nil` for all units, and for faults of a connection or of the whole gateway.
    package let units: Set<UInt8>?

    package init(_ kind: FaultKind, units: Set<UInt8>? = nil, schedule: FaultSchedule = FaultSchedule()) {
        self.kind = kind
        self.schedule = schedule
        self.units = units
    }

    package func concerns(_ unit: UInt8) -> Bool { units?.contains(unit) ?? true }
}

/// Everything that can go wrong, with how it does. simulators/FLEET.md says the same in a fleet file's words.
package enum FaultKind: Hashable, Sendable {
    // Whether and when an answer comes.

    /// An answer that is made in time and comes late; requests behind it do not wait.
    case lateReply(Lateness)
    /// No answer. `busMilliseconds` is how long the bus waits for it; the gateway's latency by default.
    case silence(busMilliseconds: Int? = nil)
    /// A Modbus exception 1...255 instead of an answer.
    case exception(code: UInt8, busMilliseconds: Int? = nil)
    /// Reads of what the meter has kept of past days take so long; others on the bus wait meanwhile, or do not.
    case slowHistory(milliseconds: Int, holdsBus: Bool)
    /// A request that comes sooner after the answer before it is lost, or meets that answer again.
    case pauseNeeded(milliseconds: Int, sooner: TooSoon)

    // What the header of an answer says.

    case transaction(WrongTransaction)
    /// The answer names this unit; by default the one after the unit asked.
    case wrongUnit(UInt8? = nil)
    /// The answer names this function; by default 4 for 3 and 3 for all others.
    case wrongFunction(UInt8? = nil)

    // How the bytes of an answer lie.

    /// An exception that is no frame of the right length.
    case exceptionLength(code: UInt8, ExceptionDefect)
    case byteCount(ByteCountDefect)
    case missingLastByte(then: AfterLoss)
    /// Each byte in a segment of its own, so far apart.
    case pieces(gapMilliseconds: Int)
    case joinedReplies(JoinedWith)
    /// So many bytes, then a reset.
    case resetMidReply(afterBytes: Int)
    /// The answer to a Modbus/TCP request as an RTU frame: unit, PDU, CRC.
    case rtuFrames
    /// A whole frame that nobody asked for, beside an answer; of this unit, by default the unit asked.
    case foreignReply(Side, unit: UInt8? = nil)

    // Connections and the gateway as a whole.

    /// So many bytes to each new client.
    case garbageOnConnect(bytes: Int)
    /// More clients than this are refused, or accepted and dropped.
    case connectionLimit(Int, beyond: BeyondLimit)
    /// Nothing after so many requests on a connection, for a while or until the client connects anew.
    case silentAfter(requests: Int, milliseconds: Int? = nil)
    /// From the beginning of its window on, connections that were open before it stay silent for ever without an end.
    case halfOpen(newConnections: NewConnections)
    /// Out of reach during its window.
    case gatewayDead(Death)

    // Which registers a meter answers.

    /// More words than this in one request meet exception 3 (or 2).
    case registerLimit(words: Int, code: UInt8)
    /// Words that the meter does not have, although its model does.
    case registerGap(RegisterGap)

    // What the words say. None of this moves the dial, so none of it is truth.

    /// The words of each number in reverse order.
    case swappedWords(WordScope)
    /// "Not available" in place of a number.
    case notAvailable(Absence, WordScope)
    /// An index that a meter without memory shows after a reboot.
    case falseIndex(FalseIndex, WordScope)
}

extension FaultKind {
    package enum Side: String, CaseIterable, Hashable, Sendable { case before, after }

    package enum Lateness: Hashable, Sendable {
        case milliseconds(Int)
        /// Until the next answer of a different unit, in a segment just before or after it.
        case beside(Side)
    }

    package enum TooSoon: String, CaseIterable, Hashable, Sendable {
        case lost
        /// The frame sent before comes once more as it was.
        case previousFrame = "previous-frame"
        /// The words sent before come as the answer to this request.
        case previousWords = "previous-words"
    }

    package enum WrongTransaction: Hashable, Sendable {
        case constant(UInt16)
        /// That of another request that waits on the same connection, which gets this one's. Alone, an answer is right.
        case swapped
        case offByOne
    }

    package enum ExceptionDefect: String, CaseIterable, Hashable, Sendable {
        /// The header declares one byte more than there is.
        case declaredLonger = "declared-longer"
        /// The header declares one byte less than there is.
        case declaredShorter = "declared-shorter"
        /// One byte too many, and the header counts it.
        case extraByte = "extra-byte"
    }

    package enum ByteCountDefect: String, CaseIterable, Hashable, Sendable {
        case tooLarge = "too-large"
        case tooSmall = "too-small"
        case odd
    }

    package enum AfterLoss: String, CaseIterable, Hashable, Sendable {
        /// Nothing more comes on this connection.
        case silence
        /// The next answer follows, one byte too early.
        case more
    }

    package enum JoinedWith: Hashable, Sendable {
        /// The next answer on the same connection, if it comes within this time.
        case next(holdMilliseconds: Int)
        /// Itself: the same frame twice.
        case copy
    }

    package enum BeyondLimit: String, CaseIterable, Hashable, Sendable { case refuse, drop }

    package enum NewConnections: String, CaseIterable, Hashable, Sendable { case work, silent, refuse }

    package enum Death: String, CaseIterable, Hashable, Sendable {
        /// Connections are reset and new ones refused.
        case reset
        /// Nothing answers; what was connected before or meanwhile is reset when it speaks afterwards.
        case silent
    }

    package struct RegisterGap: Hashable, Sendable {
        package enum Answer: String, CaseIterable, Hashable, Sendable { case exception, zero, silence }

        /// `nil` for every function.
        package let function: UInt8?
        package let addresses: Range<Int>
        package let answer: Answer

        package init(function: UInt8? = nil, addresses: Range<Int>, answer: Answer) {
            self.function = function
            self.addresses = addresses
            self.answer = answer
        }
    }

    /// Which numbers of a meter a fault in the words touches.
    package struct WordScope: Hashable, Sendable {
        /// Only these registers; `nil` for all numbers.
        package let registers: Set<Register>?
        /// Those that the meter keeps of past days, too.
        package let frozen: Bool

        package init(registers: Set<Register>? = nil, frozen: Bool = false) {
            self.registers = registers
            self.frozen = frozen
        }
    }

    package enum Absence: String, CaseIterable, Hashable, Sendable {
        /// What the model's table names; else all ones, the lowest number of a signed type, or not-a-number.
        case model
        case allOnes = "all-ones"
        case signOnly = "sign-only"
        case notANumber = "nan"
        case infinity
        case zero
    }

    package enum FalseIndex: String, CaseIterable, Hashable, Sendable { case zero, garbage }
}

/// What a fleet file calls a fault.
package enum FaultName: String, CaseIterable, Sendable {
    case lateReply = "late-reply"
    case silence
    case exception
    case slowHistory = "slow-history"
    case pauseNeeded = "pause-needed"
    case transactionConstant = "transaction-constant"
    case transactionZero = "transaction-zero"
    case transactionSwapped = "transaction-swapped"
    case transactionOffByOne = "transaction-off-by-one"
    case wrongUnit = "wrong-unit"
    case wrongFunction = "wrong-function"
    case exceptionLength = "exception-length"
    case byteCount = "byte-count"
    case missingLastByte = "missing-last-byte"
    case oneByteSegments = "one-byte-segments"
    case dribble
    case joinedReplies = "joined-replies"
    case resetMidReply = "reset-mid-reply"
    case rtuFrames = "rtu-frames"
    case foreignReply = "foreign-reply"
    case garbageOnConnect = "garbage-on-connect"
    case connectionLimit = "connection-limit"
    case silentAfter = "silent-after"
    case halfOpen = "half-open"
    case gatewayDead = "gateway-dead"
    case registerLimit = "register-limit"
    case registerGap = "register-gap"
    case swappedWords = "swapped-words"
    case notAvailable = "not-available"
    case zeroIndex = "zero-index"
    case garbageIndex = "garbage-index"
    /// A fact of the meter, which its truth follows.
    case rollover
    /// A fact of the meter, which its truth follows.
    case exchange
    /// A fact of the meter, which its truth follows.
    case standstill
}

extension FaultKind {
    package var name: FaultName {
        switch self {
        case .lateReply: .lateReply
        case .silence: .silence
        case .exception: .exception
        case .slowHistory: .slowHistory
        case .pauseNeeded: .pauseNeeded
        case .transaction(.constant(0)): .transactionZero
        case .transaction(.constant): .transactionConstant
        case .transaction(.swapped): .transactionSwapped
        case .transaction(.offByOne): .transactionOffByOne
        case .wrongUnit: .wrongUnit
        case .wrongFunction: .wrongFunction
        case .exceptionLength: .exceptionLength
        case .byteCount: .byteCount
        case .missingLastByte: .missingLastByte
        case .pieces(let gap): gap < 1000 ? .oneByteSegments : .dribble
        case .joinedReplies: .joinedReplies
        case .resetMidReply: .resetMidReply
        case .rtuFrames: .rtuFrames
        case .foreignReply: .foreignReply
        case .garbageOnConnect: .garbageOnConnect
        case .connectionLimit: .connectionLimit
        case .silentAfter: .silentAfter
        case .halfOpen: .halfOpen
        case .gatewayDead: .gatewayDead
        case .registerLimit: .registerLimit
        case .registerGap: .registerGap
        case .swappedWords: .swappedWords
        case .notAvailable: .notAvailable
        case .falseIndex(.zero, _): .zeroIndex
        case .falseIndex(.garbage, _): .garbageIndex
        }
    }
}
