// swift-tools-version: 6.2
import PackageDescription

// Arrows point only downward; TidyTests reads the imports and holds this order.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "meterd",
    products: [
        .executable(name: "meterd", targets: ["meterd"]),
        .executable(name: "metersim", targets: ["metersim"]),
        .executable(name: "rehearse", targets: ["rehearse"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // 4: assembly. Commands, configuration, signals; no rules.
        .executableTarget(
            name: "meterd",
            dependencies: [
                "Web", "Store", "HeadEnd", "VEE", "Billing", "Alarms", "Modbus", "Metering", "CTimex",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "metersim",
            dependencies: [
                "MeterFleet", "Modbus", "Metering",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "simulators/metersim",
            swiftSettings: strict),
        .executableTarget(
            name: "rehearse",
            dependencies: [
                "Rehearsal", "VEE", "Billing", "Modbus", "Metering",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "simulators/rehearse",
            swiftSettings: strict),

        // Measures the house from outside; nothing depends on it.
        .executableTarget(
            name: "sweep",
            dependencies: [
                "HeadEnd", "MeterFleet", "Store", "Modbus", "Metering",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Sweep",
            swiftSettings: strict),
        .executableTarget(
            name: "storebench",
            dependencies: [
                "Store", "VEE", "Billing", "Metering",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Store",
            exclude: ["peers.py", "sizes.py", "table.py"],
            swiftSettings: strict),

        // Kills a process that does everything a store can do (`make store-kill-check`).
        .executableTarget(
            name: "storm",
            dependencies: [
                "Store", "Metering", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Storm",
            swiftSettings: strict),

        // One job, four clients, one server: requests for each second of a client's processor (`make bench-transport`).
        .target(
            name: "TransportWire", path: "Benchmarks/Transport/Wire", linkerSettings: [.linkedLibrary("m")]),
        .executableTarget(
            name: "transportServer", dependencies: ["TransportWire"], path: "Benchmarks/Transport/GatewayServer"),
        .executableTarget(
            name: "transportEpoll", dependencies: ["TransportWire"], path: "Benchmarks/Transport/EpollClient"),
        .executableTarget(
            name: "transportLibmodbus", dependencies: ["TransportWire", "CLibmodbus"],
            path: "Benchmarks/Transport/LibmodbusClient"),
        .executableTarget(
            name: "transportMeterd",
            dependencies: [
                "HeadEnd", "Modbus", "Metering", "TransportWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Transport/MeterdClient",
            swiftSettings: strict),

        // Bytes an index in a chunk, and beside its rivals (`make bench-codec`).
        .executableTarget(
            name: "codec",
            dependencies: [
                "MeterFleet", "Packing", "Metering", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Codec",
            swiftSettings: strict),

        // Estimates and rules against what recorded homes took (`make score`).
        .executableTarget(
            name: "score",
            dependencies: [
                "Rehearsal", "VEE", "Billing", "Metering",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Score",
            swiftSettings: strict),

        // Damaged streams, words, profiles and chunks, from a seed (`make fuzz`).
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Modbus", "Packing", "Metering", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Fuzz",
            swiftSettings: strict),

        // 3: speaks to people. The only HTTP, HTML and JSON.
        .target(
            name: "Web",
            dependencies: [
                "Store", "Billing", "Alarms", "Metering",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Resources")],
            swiftSettings: strict),

        // The whole house on one thread and a virtual clock.
        .target(
            name: "Rehearsal",
            dependencies: ["HeadEnd", "Store", "VEE", "Billing", "MeterFleet", "Modbus", "Metering"],
            path: "simulators/Rehearsal",
            exclude: ["plants"],
            swiftSettings: strict),

        // 2: the edges. Database, field, simulated field.
        .target(
            name: "Store",
            dependencies: [
                "VEE", "Billing", "Packing", "Alarms", "Metering", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "HeadEnd",
            dependencies: [
                "Modbus", "Reactor", "CLibmodbus", "Metering", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "MeterFleet",
            dependencies: ["Modbus", "Reactor", "Metering", .product(name: "Yams", package: "Yams")],
            path: "simulators/MeterFleet",
            swiftSettings: strict),

        // 1: pure rules, and the one room that knows epoll.
        .target(name: "Alarms", dependencies: ["Metering"], swiftSettings: strict),
        .target(
            name: "VEE", dependencies: ["InputFiles", "Metering"], resources: [.copy("Rules")], swiftSettings: strict),
        .target(name: "Packing", dependencies: ["Metering"], swiftSettings: strict),
        .target(
            name: "Billing",
            dependencies: ["InputFiles", "Metering", .product(name: "Yams", package: "Yams")],
            resources: [.copy("Tariffs")],
            swiftSettings: strict),
        .target(
            name: "Modbus",
            dependencies: ["InputFiles", "Metering"],
            resources: [.copy("Profiles")],
            swiftSettings: strict),
        .target(name: "Reactor", dependencies: ["CEpoll"], swiftSettings: strict),

        // Files that people write: one way to read them and to say all that is wrong with them.
        .target(
            name: "InputFiles", dependencies: ["Metering", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),

        // 0: the words of the trade; all may import it.
        .target(name: "Metering", swiftSettings: strict),

        // System libraries.
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CTimex"),
        .systemLibrary(name: "CLibmodbus", pkgConfig: "libmodbus", providers: [.apt(["libmodbus-dev"])]),

        // A disk that fails on command, below SQLite; for tests only.
        .target(name: "FailingDisk", path: "Tests/FailingDisk", linkerSettings: [.linkedLibrary("sqlite3")]),

        // Tests: one folder a target, then the house as a whole.
        .testTarget(name: "MeteringTests", dependencies: ["Metering"], swiftSettings: strict),
        .testTarget(
            name: "ModbusTests", dependencies: ["Modbus"], resources: [.copy("Corpus")], swiftSettings: strict),
        .testTarget(name: "AlarmsTests", dependencies: ["Alarms"], swiftSettings: strict),
        .testTarget(name: "VEETests", dependencies: ["VEE"], swiftSettings: strict),
        .testTarget(name: "PackingTests", dependencies: ["Packing"], swiftSettings: strict),
        .testTarget(name: "BillingTests", dependencies: ["Billing"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "VEE", "Alarms", "Packing", "FailingDisk"],
            swiftSettings: strict),
        .testTarget(name: "StoreConformanceTests", dependencies: ["Store"], swiftSettings: strict),
        .testTarget(name: "HeadEndTests", dependencies: ["HeadEnd", "MeterFleet"], swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: ["Web", .product(name: "HummingbirdTesting", package: "hummingbird")],
            swiftSettings: strict),
        .testTarget(name: "MeterFleetTests", dependencies: ["MeterFleet"], swiftSettings: strict),
        .testTarget(
            name: "RehearsalTests",
            dependencies: ["Rehearsal", "Store", "HeadEnd", "MeterFleet", "VEE", "Billing", "Modbus", "Metering"],
            swiftSettings: strict),
        .testTarget(name: "EndToEndTests", dependencies: ["Metering"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
