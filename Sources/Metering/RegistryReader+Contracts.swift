extension RegistryFiles {
    /// May be left out: then every contract is the default one.
    package static let contractsFile = "contracts.csv"

    static let contractColumns = [
        "usage_point", "reading_days", "three_price", "reactive", "programmed_on", "purposes",
    ]

    /// `nil` where no usage point has a contract other than the default.
    static func contracts(_ usagePoints: [UsagePoint]) -> String? {
        var text = CSV.line(contractColumns)
        var isEmpty = true
        for usagePoint in usagePoints where usagePoint.contract != .standard {
            let contract = usagePoint.contract
            isEmpty = false
            text += CSV.line([
                usagePoint.name, contract.readingDays?.description ?? "", contract.threePrice.rawValue,
                contract.isChargedForReactive ? "yes" : "", contract.programmedOn?.description ?? "",
                PurposeShare.text(contract.shares),
            ])
        }
        return isEmpty ? nil : text
    }

    /// The file without a row.
    package static var noContracts: String { CSV.line(contractColumns) }
}

extension RegistryReader {
    /// After the usage points, which the rows refer to.
    mutating func readContracts(_ bytes: [UInt8]) {
        var given: Set<String> = []
        forEachRow(
            RegistryFiles.contractsFile, bytes, RegistryFiles.contractColumns, required: ["usage_point"]
        ) { reader, row in
            let name = row.required(0, &reader.faults)
            let contract = Contract(
                readingDays: reader.readingDays(row), threePrice: reader.threePrice(row),
                isChargedForReactive: reader.isChargedForReactive(row),
                programmedOn: row.day(4, isRequired: false, &reader.faults), shares: reader.shares(row))
            guard !name.isEmpty else { return }
            guard given.insert(name).inserted else {
                return reader.faults.note(row.fault(0, "is given before; give each usage point once"))
            }
            guard let position = reader.usagePointPositions[name] else {
                return reader.faults.note(row.fault(0, "is not in \(RegistryFiles.usagePointsFile); add it there"))
            }
            // One that was given twice is refused already.
            guard reader.registry.usagePoints.indices.contains(position) else { return }
            guard reader.registry.usagePoints[position].category != UsagePoint.stationCategory else {
                return reader.faults.note(row.fault(0, "is a station's own meter, which has no bill; leave it out"))
            }
            reader.registry.usagePoints[position].contract = contract
        }
    }

    private mutating func readingDays(_ row: RegistryRow) -> ReadingDays? {
        let text = row.text(1)
        guard !text.isEmpty else { return nil }
        guard let days = ReadingDays(text: text) else {
            faults.note(
                row.fault(1, "must be one to three different days, each 1 to 27 or 0 for the month's last, as 10 20 0"))
            return nil
        }
        return days
    }

    private mutating func threePrice(_ row: RegistryRow) -> Contract.ThreePrice {
        guard let value = Contract.ThreePrice(rawValue: row.text(2)) else {
            faults.note(row.fault(2, "must be yes, no, peak or empty"))
            return .asMetered
        }
        return value
    }

    private mutating func isChargedForReactive(_ row: RegistryRow) -> Bool {
        let text = row.text(3)
        guard ["", "yes", "no"].contains(text) else {
            faults.note(row.fault(3, "must be yes, no or empty"))
            return false
        }
        return text == "yes"
    }

    private mutating func shares(_ row: RegistryRow) -> [PurposeShare] {
        guard let shares = PurposeShare.list(row.text(5)) else {
            faults.note(
                row.fault(
                    5,
                    "must be two or more tariff categories with whole per cents that add up to 100, as "
                        + "business_lt6kv:40 production_lt6kv:60"))
            return []
        }
        for share in shares where !tariffCategories.contains(share.category) {
            let known = tariffCategories.sorted().joined(separator: ", ")
            faults.note(row.fault(5, "names \(share.category), which is no tariff category; known are \(known)"))
        }
        return shares
    }
}
