// swift-tools-version: 6.2
import PackageDescription

// What the scenarios' tests need of the house and no more, so that each defence is taken out and tried in a minute.
let package = Package(
    name: "meterd",
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .target(
            name: "Rehearsal",
            dependencies: ["HeadEnd", "Store", "VEE", "Billing", "MeterFleet", "Modbus", "Metering"],
            path: "simulators/Rehearsal"),
        .target(
            name: "Store",
            dependencies: [
                "VEE", "Billing", "Packing", "Alarms", "Metering", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "HeadEnd",
            dependencies: [
                "Modbus", "Reactor", "CLibmodbus", "Metering", .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "MeterFleet",
            dependencies: ["Modbus", "Reactor", "Metering", .product(name: "Yams", package: "Yams")],
            path: "simulators/MeterFleet"),
        .target(name: "VEE", dependencies: ["InputFiles", "Metering"], resources: [.copy("Rules")]),
        .target(name: "Alarms", dependencies: ["Metering"]),
        .target(name: "Packing", dependencies: ["Metering"]),
        .target(
            name: "Billing", dependencies: ["InputFiles", "Metering", .product(name: "Yams", package: "Yams")],
            resources: [.copy("Tariffs")]),
        .target(
            name: "Modbus", dependencies: ["InputFiles", "Metering"],
            resources: [.copy("Profiles")]),
        .target(name: "Reactor", dependencies: ["CEpoll"]),
        .target(
            name: "InputFiles", dependencies: ["Metering", .product(name: "Yams", package: "Yams")]),
        .target(name: "Metering"),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CLibmodbus", pkgConfig: "libmodbus"),
        .testTarget(
            name: "RehearsalTests",
            dependencies: ["Rehearsal", "Store", "HeadEnd", "MeterFleet", "VEE", "Billing", "Modbus", "Metering"]),
    ]
)
