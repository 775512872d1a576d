import GRDB

/// The tables of `docs/SCHEMA.md`, built step by step. A step that has shipped is never edited; a change is a new one.
enum Schema {
    /// `mtrd` in ASCII, in the file's header: how a meterd store is told from another database.
    static let applicationID: Int32 = 0x6D74_7264

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 registry") { db in
            try db.execute(sql: registry)
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("2 indices") { try $0.execute(sql: indices) }
        migrator.registerMigration("3 fleet health") { try $0.execute(sql: fleetHealth) }
        migrator.registerMigration("4 registry version") { try $0.execute(sql: registryVersion) }
        migrator.registerMigration("5 what meters are") { try $0.execute(sql: meterFacts) }
        migrator.registerMigration("6 polls whole") { db in
            try db.execute(sql: pollsWhole)
            try DialMigration.run(db)
            try db.execute(sql: afterDials)
        }
        migrator.registerMigration("7 reopened days") { try $0.execute(sql: reopenedDays) }
        migrator.registerMigration("8 chunks") { try $0.execute(sql: chunks) }
        migrator.registerMigration("9 who") { try $0.execute(sql: who) }
        migrator.registerMigration("10 load profiles") { try $0.execute(sql: loadProfiles) }
        migrator.registerMigration("11 what is forgotten") { try $0.execute(sql: forgotten) }
        migrator.registerMigration("12 work list") { try $0.execute(sql: workList) }
        migrator.registerMigration("13 clocks that are wrong") { try $0.execute(sql: wrongClocks) }
        migrator.registerMigration("14 dials that stand") { try $0.execute(sql: standingDials) }
        migrator.registerMigration("15 station balances") { try $0.execute(sql: stationBalances) }
        migrator.registerMigration("16 late truth") { try $0.execute(sql: lateTruth) }
        migrator.registerMigration("17 class days") { try $0.execute(sql: classDays) }
        migrator.registerMigration("18 estimation methods") { try $0.execute(sql: estimationMethods) }
        migrator.registerMigration("19 what became of alarms and cases") { try $0.execute(sql: pastAlarms) }
        migrator.registerMigration("20 collections") { try $0.execute(sql: collections) }
        migrator.registerMigration("21 late truth of one") { db in
            // Found by its series too, as in audit.
            try db.execute(sql: "CREATE INDEX lateFirstBySeries ON firstKnown(series) WHERE wasClosed = 1")
        }
        migrator.registerMigration("22 contracts") { try $0.execute(sql: contracts) }
        migrator.registerMigration("23 bill runs") { try $0.execute(sql: billRuns) }
        return migrator
    }

    /// The steps that a file has taken, in order.
    static func appliedSteps(_ db: Database) throws -> [String] {
        let applied = try migrator.appliedIdentifiers(db)
        let known = migrator.migrations
        return known.filter(applied.contains) + applied.subtracting(known).sorted()
    }

    private static let registry = """
        CREATE TABLE gateway(
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE CHECK(name <> ''),
          host TEXT NOT NULL,
          port INTEGER NOT NULL CHECK(port BETWEEN 0 AND 65535),
          station TEXT NOT NULL,
          district TEXT NOT NULL,
          depth INTEGER NOT NULL CHECK(depth BETWEEN 1 AND 16),
          timeoutMilliseconds INTEGER NOT NULL CHECK(timeoutMilliseconds > 0),
          pauseMilliseconds INTEGER NOT NULL CHECK(pauseMilliseconds >= 0),
          transport TEXT NOT NULL CHECK(transport IN ('tcp', 'rtu-over-tcp', 'rtu'))
        ) STRICT;

        CREATE TABLE usagePoint(
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE CHECK(name <> ''),
          customer TEXT NOT NULL,
          station TEXT NOT NULL,
          district TEXT NOT NULL,
          category TEXT NOT NULL,
          householdHundredths INTEGER NOT NULL CHECK(householdHundredths > 0),
          readingDay INTEGER NOT NULL CHECK(readingDay BETWEEN 0 AND 27),
          voltage TEXT NOT NULL
        ) STRICT;
        CREATE INDEX usagePointByName ON usagePoint(name COLLATE NOCASE);
        CREATE INDEX usagePointByCustomer ON usagePoint(customer COLLATE NOCASE);

        CREATE TABLE installation(
          meter INTEGER PRIMARY KEY,
          serial TEXT NOT NULL CHECK(serial <> ''),
          usagePoint INTEGER NOT NULL REFERENCES usagePoint(id),
          gateway INTEGER NOT NULL REFERENCES gateway(id),
          unit INTEGER NOT NULL CHECK(unit BETWEEN 0 AND 247),
          profile TEXT NOT NULL,
          multiplier INTEGER NOT NULL CHECK(multiplier >= 1),
          digits INTEGER NOT NULL CHECK(digits BETWEEN 0 AND 12),
          installedOn INTEGER NOT NULL,
          removedOn INTEGER CHECK(removedOn > installedOn),
          startIndex INTEGER CHECK(startIndex >= 0),
          endIndex INTEGER CHECK(endIndex >= 0),
          UNIQUE(serial, usagePoint, installedOn)
        ) STRICT;
        CREATE INDEX installationByUsagePoint ON installation(usagePoint, installedOn);
        CREATE INDEX installationByGateway ON installation(gateway, unit);
        CREATE INDEX installationBySerial ON installation(serial COLLATE NOCASE);

        CREATE TABLE generation(
          id INTEGER PRIMARY KEY CHECK(id = 1),
          number INTEGER NOT NULL,
          changedAt INTEGER
        ) STRICT;
        INSERT INTO generation(id, number) VALUES(1, 1);
        """

    private static let indices = """
        CREATE TABLE series(
          id INTEGER PRIMARY KEY,
          meter INTEGER NOT NULL REFERENCES installation(meter),
          register INTEGER NOT NULL CHECK(register BETWEEN 1 AND 8),
          firstDay INTEGER,
          lastDay INTEGER CHECK(lastDay >= firstDay),
          UNIQUE(meter, register)
        ) STRICT;

        CREATE TABLE hot(
          day INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          idx INTEGER NOT NULL CHECK(idx >= 0),
          q INTEGER NOT NULL CHECK(q BETWEEN 1 AND 4),
          bound INTEGER NOT NULL CHECK(bound >= 0),
          revision INTEGER NOT NULL CHECK(revision >= 1),
          PRIMARY KEY(day, series)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit(
          id INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          source TEXT NOT NULL,
          reason TEXT NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          day INTEGER NOT NULL,
          oldIdx INTEGER,
          oldQ INTEGER,
          oldBound INTEGER,
          oldRevision INTEGER,
          newIdx INTEGER NOT NULL,
          newQ INTEGER NOT NULL,
          newBound INTEGER NOT NULL,
          newRevision INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX auditBySeries ON audit(series, day);

        CREATE TABLE origin(
          id INTEGER PRIMARY KEY,
          gateway TEXT NOT NULL,
          profile TEXT NOT NULL,
          UNIQUE(gateway, profile)
        ) STRICT;

        CREATE TABLE dial(
          series INTEGER PRIMARY KEY REFERENCES series(id),
          requested INTEGER NOT NULL,
          answered INTEGER NOT NULL CHECK(answered >= requested),
          idx INTEGER NOT NULL CHECK(idx >= 0),
          origin INTEGER NOT NULL REFERENCES origin(id),
          unit INTEGER NOT NULL,
          txn INTEGER NOT NULL,
          words BLOB NOT NULL
        ) STRICT;

        CREATE TABLE reading(
          answered INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          moment INTEGER NOT NULL CHECK(moment >= 0),
          took INTEGER NOT NULL CHECK(took >= 0),
          idx INTEGER NOT NULL,
          verdict INTEGER NOT NULL,
          origin INTEGER NOT NULL REFERENCES origin(id),
          unit INTEGER NOT NULL,
          txn INTEGER NOT NULL,
          words BLOB NOT NULL,
          PRIMARY KEY(answered, series, moment)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX suspectReading ON reading(series, moment, idx) WHERE verdict >= 10;

        CREATE TABLE lineage(
          day INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          revision INTEGER NOT NULL,
          kind INTEGER NOT NULL CHECK(kind BETWEEN 1 AND 5),
          first INTEGER NOT NULL,
          second INTEGER,
          PRIMARY KEY(day, series, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE unsettled(
          series INTEGER NOT NULL REFERENCES series(id),
          day INTEGER NOT NULL,
          PRIMARY KEY(series, day)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE closedDay(
          day INTEGER PRIMARY KEY,
          closedAt INTEGER NOT NULL,
          expected INTEGER NOT NULL,
          frozen INTEGER NOT NULL,
          measured INTEGER NOT NULL,
          estimated INTEGER NOT NULL,
          edited INTEGER NOT NULL,
          missing INTEGER NOT NULL,
          energy INTEGER NOT NULL,
          CHECK(expected = frozen + measured + estimated + edited + missing)
        ) STRICT;
        """

    private static let fleetHealth = """
        CREATE TABLE failure(
          meter INTEGER NOT NULL REFERENCES installation(meter),
          kind TEXT NOT NULL,
          text TEXT NOT NULL,
          gateway TEXT NOT NULL,
          unit INTEGER NOT NULL,
          firstSeen INTEGER NOT NULL,
          lastSeen INTEGER NOT NULL CHECK(lastSeen >= firstSeen),
          count INTEGER NOT NULL CHECK(count >= 1),
          PRIMARY KEY(meter, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX failureByTime ON failure(lastSeen);

        CREATE TABLE gatewayState(
          gateway INTEGER PRIMARY KEY REFERENCES gateway(id),
          countedThrough INTEGER NOT NULL,
          lastSuccess INTEGER,
          lastFailure INTEGER,
          lastFailureKind TEXT,
          lastFailureText TEXT,
          ok INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE gatewayFailure(
          gateway INTEGER NOT NULL REFERENCES gateway(id),
          kind TEXT NOT NULL,
          count INTEGER NOT NULL,
          PRIMARY KEY(gateway, kind)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE total(
          name TEXT PRIMARY KEY,
          count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO total VALUES('hot', 0), ('reading', 0), ('revision', 0), ('suspect', 0);
        """

    private static let registryVersion = """
        ALTER TABLE generation ADD COLUMN registry INTEGER NOT NULL DEFAULT 1;
        """

    private static let meterFacts = """
        CREATE TABLE meterFact(
          meter INTEGER PRIMARY KEY REFERENCES installation(meter),
          serial TEXT,
          firmware TEXT,
          identitySeen INTEGER,
          clockOffset INTEGER,
          clockSeen INTEGER
        ) STRICT;

        CREATE TABLE meterCase(
          id INTEGER PRIMARY KEY,
          meter INTEGER NOT NULL REFERENCES installation(meter),
          kind TEXT NOT NULL,
          text TEXT NOT NULL,
          found TEXT,
          opened INTEGER NOT NULL,
          lastSeen INTEGER NOT NULL CHECK(lastSeen >= opened),
          closed INTEGER CHECK(closed >= opened)
        ) STRICT;
        CREATE UNIQUE INDEX openCase ON meterCase(meter, kind) WHERE closed IS NULL;
        """

    /// What one poll brought is kept together: a row a meter or a poll where there was one a register.
    private static let pollsWhole = """
        ALTER TABLE dial RENAME TO oldDial;
        CREATE TABLE dial(
          series INTEGER PRIMARY KEY REFERENCES series(id),
          answered INTEGER,
          body BLOB NOT NULL
        ) STRICT;

        CREATE TABLE poll(
          answered INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          txn INTEGER NOT NULL,
          took INTEGER NOT NULL CHECK(took >= 0),
          origin INTEGER NOT NULL REFERENCES origin(id),
          unit INTEGER NOT NULL,
          readings BLOB NOT NULL,
          PRIMARY KEY(answered, series, txn)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE nightLineage(
          day INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          kind INTEGER NOT NULL CHECK(kind BETWEEN 1 AND 5),
          first INTEGER NOT NULL,
          second INTEGER NOT NULL,
          registers INTEGER NOT NULL CHECK(registers BETWEEN 2 AND 510),
          PRIMARY KEY(day, series, kind, first, second)
        ) STRICT, WITHOUT ROWID;
        """

    private static let afterDials = """
        DROP TABLE oldDial;
        ALTER TABLE series DROP COLUMN lastDay;
        ALTER TABLE series DROP COLUMN firstDay;
        ALTER TABLE generation DROP COLUMN number;
        """

    /// Closed days of which an index changed after they were counted.
    private static let reopenedDays = """
        CREATE TABLE reopenedDay(day INTEGER PRIMARY KEY) STRICT;
        """

    /// Days that are over, packed. Until the first compaction all days are open.
    private static let chunks = """
        CREATE TABLE chunk(
          key INTEGER PRIMARY KEY,
          body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE weekChunk(
          key INTEGER PRIMARY KEY,
          body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE compaction(
          id INTEGER PRIMARY KEY CHECK(id = 1),
          monthsEnd INTEGER NOT NULL,
          weeksEnd INTEGER NOT NULL CHECK(weeksEnd >= monthsEnd),
          underWay TEXT CHECK(underWay IN ('week', 'month')),
          through INTEGER NOT NULL CHECK((underWay IS NULL) = (through = 0))
        ) STRICT;
        CREATE TABLE damagedChunk(
          place TEXT NOT NULL,
          key INTEGER NOT NULL,
          foundOn INTEGER NOT NULL,
          body BLOB NOT NULL
        ) STRICT;
        INSERT INTO compaction VALUES(1, -719162, -719162, NULL, 0);
        """

    private static let who = """
        ALTER TABLE audit ADD COLUMN who TEXT;
        """

    /// Half hours of some usage points, packed by the day and later by the week.
    private static let loadProfiles = """
        CREATE TABLE loadDay(
          key INTEGER PRIMARY KEY,
          body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE loadWeek(
          key INTEGER PRIMARY KEY,
          body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE loadFolding(
          id INTEGER PRIMARY KEY CHECK(id = 1),
          weeksEnd INTEGER NOT NULL,
          through INTEGER NOT NULL
        ) STRICT;
        INSERT INTO loadFolding VALUES(1, -719162, 0);
        """

    /// From when on all is kept; the index finds the oldest revisions.
    private static let forgotten = """
        CREATE TABLE forgotten(
          what TEXT PRIMARY KEY CHECK(what IN ('indices', 'evidence')),
          firstKept INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX auditByDay ON audit(day);
        """
}
