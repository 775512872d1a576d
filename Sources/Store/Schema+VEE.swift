/// The later steps: what the day close, the work list and the bills came with.
extension Schema {
    /// Meters whose own records of days are not believed, or were not for some time.
    static let wrongClocks = """
        CREATE TABLE clockDoubt(
          meter INTEGER PRIMARY KEY REFERENCES installation(meter),
          since INTEGER NOT NULL,
          until INTEGER NOT NULL,
          isOver INTEGER NOT NULL CHECK(isOver IN (0, 1))
        ) STRICT;
        ALTER TABLE generation ADD COLUMN clocks INTEGER NOT NULL DEFAULT 0;
        """

    /// Import dials as they stood when a load was last seen, and since when they have stood there.
    static let standingDials = """
        CREATE TABLE standingDial(
          meter INTEGER PRIMARY KEY REFERENCES installation(meter),
          since INTEGER NOT NULL,
          seen INTEGER NOT NULL CHECK(seen >= since),
          sights INTEGER NOT NULL CHECK(sights >= 1),
          load INTEGER NOT NULL,
          idx INTEGER
        ) STRICT;
        """

    /// Cases about days, and what people did about cases. A register of 0 is the whole meter.
    static let workList = """
        ALTER TABLE meterCase ADD COLUMN register INTEGER NOT NULL DEFAULT 0 CHECK(register BETWEEN 0 AND 8);
        ALTER TABLE meterCase ADD COLUMN severity TEXT NOT NULL DEFAULT 'blocks'
          CHECK(severity IN ('blocks', 'holds', 'warns'));
        ALTER TABLE meterCase ADD COLUMN state TEXT NOT NULL DEFAULT 'open' CHECK(state IN ('open', 'acknowledged',
          'field-visit', 'released', 'edited', 'explained', 'passed'));
        ALTER TABLE meterCase ADD COLUMN firstDay INTEGER;
        ALTER TABLE meterCase ADD COLUMN lastDay INTEGER CHECK((lastDay IS NULL) = (firstDay IS NULL)
          AND lastDay >= firstDay);
        ALTER TABLE meterCase ADD COLUMN energy INTEGER;
        ALTER TABLE meterCase ADD COLUMN usual INTEGER;
        UPDATE meterCase SET state = 'passed' WHERE closed IS NOT NULL;
        DROP INDEX openCase;
        CREATE UNIQUE INDEX openCase ON meterCase(meter, kind, register) WHERE closed IS NULL AND lastDay IS NULL;
        CREATE UNIQUE INDEX caseOfDays ON meterCase(lastDay, kind, meter, register) WHERE lastDay IS NOT NULL;
        CREATE INDEX liveCase ON meterCase(kind, severity) WHERE closed IS NULL;
        CREATE INDEX caseByMeter ON meterCase(meter);

        CREATE TABLE caseAct(
          id INTEGER PRIMARY KEY,
          meterCase INTEGER NOT NULL REFERENCES meterCase(id),
          at INTEGER NOT NULL,
          act TEXT NOT NULL CHECK(act IN ('acknowledged', 'field-visit', 'released', 'edited', 'explained',
            'reopened')),
          who TEXT NOT NULL CHECK(who <> ''),
          why TEXT NOT NULL CHECK(why <> '')
        ) STRICT;
        CREATE INDEX actByCase ON caseAct(meterCase);

        CREATE TABLE unjudgedDay(day INTEGER PRIMARY KEY) STRICT;

        CREATE TABLE alarm(
          kind TEXT NOT NULL,
          subject TEXT NOT NULL,
          text TEXT NOT NULL,
          badSince INTEGER,
          goodSince INTEGER,
          raisedAt INTEGER,
          seen INTEGER NOT NULL CHECK(seen >= 0),
          lastBad INTEGER,
          parentKind TEXT,
          parentSubject TEXT,
          acknowledgedBy TEXT,
          acknowledgedAt INTEGER,
          note TEXT,
          PRIMARY KEY(kind, subject)
        ) STRICT, WITHOUT ROWID;
        """

    /// What went into stations and came out of them, of days that are closed at both ends. The index finds the stations
    /// that have a meter of their own.
    static let stationBalances = """
        CREATE TABLE stationBalance(
          day INTEGER NOT NULL,
          station TEXT NOT NULL,
          input INTEGER NOT NULL,
          returned INTEGER NOT NULL,
          generated INTEGER NOT NULL,
          supplied INTEGER NOT NULL,
          estimated INTEGER NOT NULL CHECK(estimated >= 0),
          stationMeters INTEGER NOT NULL CHECK(stationMeters >= 1),
          customers INTEGER NOT NULL CHECK(customers >= 0),
          unknownStationMeters INTEGER NOT NULL CHECK(unknownStationMeters BETWEEN 0 AND stationMeters),
          unknownCustomers INTEGER NOT NULL CHECK(unknownCustomers BETWEEN 0 AND customers),
          PRIMARY KEY(day, station)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX usagePointOfStation ON usagePoint(station) WHERE category = 'transformer';
        """

    /// When what became known, as far as no poll says it, and whether the day had been closed by then. Of rows from
    /// before this step that is not known.
    static let lateTruth = """
        ALTER TABLE audit ADD COLUMN wasClosed INTEGER CHECK(wasClosed IN (0, 1));
        CREATE INDEX lateRevision ON audit(at) WHERE wasClosed = 1;

        CREATE TABLE firstKnown(
          day INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          at INTEGER NOT NULL,
          wasClosed INTEGER NOT NULL CHECK(wasClosed IN (0, 1)),
          registers INTEGER NOT NULL CHECK(registers BETWEEN 2 AND 510),
          PRIMARY KEY(day, series, at)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lateFirst ON firstKnown(at) WHERE wasClosed = 1;
        """

    /// What the days took in each class of usage points.
    static let classDays = """
        CREATE TABLE classDay(
          day INTEGER NOT NULL,
          category TEXT NOT NULL,
          district TEXT NOT NULL,
          known INTEGER NOT NULL CHECK(known > 0),
          energy INTEGER NOT NULL CHECK(energy >= 0),
          PRIMARY KEY(day, category, district)
        ) STRICT, WITHOUT ROWID;
        """

    /// How estimated indices were drawn, where it is not a straight line.
    static let estimationMethods = """
        CREATE TABLE estimationMethod(
          day INTEGER NOT NULL,
          series INTEGER NOT NULL REFERENCES series(id),
          revision INTEGER NOT NULL CHECK(revision >= 1),
          method TEXT NOT NULL CHECK(method IN ('like-day weights')),
          PRIMARY KEY(day, series, revision)
        ) STRICT, WITHOUT ROWID;
        """

    /// What happened to alarms that may be over by now, and how cases that ended are found when they are forgotten.
    static let pastAlarms = """
        CREATE TABLE alarmEvent(
          id INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          kind TEXT NOT NULL,
          subject TEXT NOT NULL,
          event TEXT NOT NULL CHECK(event IN ('raised', 'acknowledged', 'cleared')),
          who TEXT CHECK((who IS NULL) = (event <> 'acknowledged')),
          text TEXT CHECK((text IS NULL) = (event = 'cleared'))
        ) STRICT;
        CREATE INDEX alarmEventByTime ON alarmEvent(at);
        INSERT INTO alarmEvent(at, kind, subject, event, text)
          SELECT raisedAt, kind, subject, 'raised', text FROM alarm WHERE raisedAt IS NOT NULL;
        INSERT INTO alarmEvent(at, kind, subject, event, who, text)
          SELECT acknowledgedAt, kind, subject, 'acknowledged', acknowledgedBy, note FROM alarm
          WHERE acknowledgedAt IS NOT NULL;
        CREATE INDEX endedCase ON meterCase(closed) WHERE lastDay IS NULL;
        """

    /// How far the collection of a day was when it was last looked at, until 06:00.
    static let collections = """
        CREATE TABLE collection(
          day INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          expected INTEGER NOT NULL CHECK(expected >= 0),
          valid INTEGER NOT NULL CHECK(valid BETWEEN 0 AND expected),
          silent INTEGER NOT NULL CHECK(silent >= 0),
          predicted INTEGER NOT NULL CHECK(predicted BETWEEN valid AND expected),
          finish INTEGER
        ) STRICT;
        """

    /// What contracts say beyond the usage point's row, and on which days meters were read before they were changed.
    static let contracts = """
        CREATE TABLE contract(
          usagePoint INTEGER PRIMARY KEY REFERENCES usagePoint(id),
          readingDays TEXT NOT NULL,
          threePrice TEXT NOT NULL CHECK(threePrice IN ('', 'yes', 'no', 'peak')),
          reactive INTEGER NOT NULL CHECK(reactive IN (0, 1)),
          programmedOn INTEGER,
          purposes TEXT NOT NULL
        ) STRICT;

        CREATE TABLE formerReadingDays(
          usagePoint INTEGER NOT NULL REFERENCES usagePoint(id),
          until INTEGER NOT NULL,
          days TEXT NOT NULL CHECK(days <> ''),
          PRIMARY KEY(usagePoint, until)
        ) STRICT, WITHOUT ROWID;
        """
}
