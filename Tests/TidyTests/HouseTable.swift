/// The house: who may import whom. `ARCHITECTURE.md` gives the reasons; this table holds them to it.
struct HouseTable {
    struct Row: Sendable {
        let house: Set<String>
        let outside: Set<String>
    }

    let rows: [String: Row]

    static let hummingbird: Set = [
        "Hummingbird", "HummingbirdCore", "HummingbirdRouter", "HummingbirdTLS", "HTTPTypes", "NIOCore", "NIOPosix",
        "NIOSSL",
    ]

    static let current = HouseTable(rows: [
        // 4: assembly.
        "meterd": Row(
            house: ["Web", "Store", "HeadEnd", "VEE", "Billing", "Alarms", "Modbus", "Metering", "CTimex"],
            outside: [
                "ArgumentParser", "Logging", "ServiceLifecycle", "Yams", "Foundation", "Glibc", "Dispatch",
                "Synchronization",
            ]),
        "metersim": Row(
            house: ["MeterFleet", "Modbus", "Metering"],
            outside: [
                "ArgumentParser", "Logging", "ServiceLifecycle", "Yams", "Foundation", "Glibc", "Dispatch",
                "Synchronization",
            ]),
        "rehearse": Row(
            house: ["Rehearsal", "VEE", "Billing", "Modbus", "Metering"],
            outside: ["ArgumentParser", "Foundation", "Dispatch", "Synchronization"]),
        // 3: the whole house on one thread and a virtual clock.
        "Rehearsal": Row(
            house: ["HeadEnd", "Store", "VEE", "Billing", "MeterFleet", "Modbus", "Metering"], outside: ["Foundation"]),
        // 3: speaks to people.
        "Web": Row(
            house: ["Store", "Billing", "Alarms", "Metering"],
            outside: hummingbird.union([
                "Mustache", "Logging", "Foundation", "Synchronization", "Dispatch", "ServiceLifecycle",
            ])),
        // 2: the edges.
        "Store": Row(
            house: ["VEE", "Billing", "Packing", "Alarms", "Metering"],
            outside: ["GRDB", "GRDBSQLite", "Crypto", "Foundation", "Dispatch", "Glibc", "Synchronization"]),
        "HeadEnd": Row(
            house: ["Modbus", "Reactor", "CLibmodbus", "Metering"],
            outside: ["Dispatch", "Foundation", "Glibc", "Logging", "Synchronization"]),
        "MeterFleet": Row(
            house: ["Modbus", "Reactor", "Metering"],
            outside: ["Yams", "Dispatch", "Foundation", "Glibc", "Synchronization"]),
        // 1: pure rules, and the one room that knows epoll.
        "VEE": Row(house: ["InputFiles", "Metering"], outside: ["Foundation"]),
        "Alarms": Row(house: ["Metering"], outside: []),
        "Packing": Row(house: ["Metering"], outside: []),
        "Billing": Row(house: ["InputFiles", "Metering"], outside: ["Foundation", "Yams"]),
        "Modbus": Row(house: ["InputFiles", "Metering"], outside: ["Foundation"]),
        "Reactor": Row(house: ["CEpoll"], outside: ["Dispatch", "Glibc"]),
        "InputFiles": Row(house: ["Metering"], outside: ["Foundation", "Yams"]),
        // 0: the words of the trade; the shims.
        "Metering": Row(house: [], outside: ["Foundation"]),
        "CEpoll": Row(house: [], outside: []),
        "CTimex": Row(house: [], outside: []),
        "CLibmodbus": Row(house: [], outside: []),
    ])

    /// Targets in which a rule is the same whenever it is asked.
    static let timeless: Set = ["Metering", "VEE", "Billing", "Packing", "Modbus"]
    /// Targets that carry energy or money.
    static let exact: Set = ["Metering", "VEE", "Billing", "Packing", "Store", "Web"]
    /// Programs may print; libraries return values.
    static let programs: Set = ["meterd", "metersim", "rehearse"]
}
