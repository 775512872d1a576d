// swift-tools-version: 6.2
import PackageDescription

// What the log books need of the house and no more, so that each rule is taken out and tried in a minute.
let package = Package(
    name: "meterd",
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(
            name: "Store",
            dependencies: [
                "VEE", "Billing", "Packing", "Alarms", "Metering", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(name: "VEE", dependencies: ["InputFiles", "Metering"], resources: [.copy("Rules")]),
        .target(name: "Alarms", dependencies: ["Metering"]),
        .target(name: "Packing", dependencies: ["Metering"]),
        .target(
            name: "Billing", dependencies: ["InputFiles", "Metering", .product(name: "Yams", package: "Yams")],
            resources: [.copy("Tariffs")]),
        .target(
            name: "InputFiles", dependencies: ["Metering", .product(name: "Yams", package: "Yams")]),
        .target(name: "Metering"),
        .target(name: "FailingDisk", path: "Tests/FailingDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        .testTarget(name: "AlarmsTests", dependencies: ["Alarms"]),
        .testTarget(name: "VEETests", dependencies: ["VEE"]),
        .testTarget(name: "BillingTests", dependencies: ["Billing"]),
        .testTarget(name: "StoreTests", dependencies: ["Store", "VEE", "Alarms", "Packing", "FailingDisk"]),
    ]
)
