/// Tables of what bills need.
extension Schema {
    /// A run's number is never given twice, also not once it is forgotten: people have written it down.
    ///
    /// A row of `runBill` stays: a bill that is another one in a later run of the same day is a row of that run.
    static let billRuns = """
        CREATE TABLE billRun(
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          asOf INTEGER NOT NULL,
          started INTEGER NOT NULL,
          finished INTEGER,
          billed INTEGER NOT NULL DEFAULT 0,
          refused INTEGER NOT NULL DEFAULT 0,
          changed INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE runBill(
          asOf INTEGER NOT NULL,
          usagePoint INTEGER NOT NULL REFERENCES usagePoint(id),
          run INTEGER NOT NULL REFERENCES billRun(id),
          periodFrom INTEGER NOT NULL,
          periodThrough INTEGER NOT NULL,
          days INTEGER NOT NULL,
          kwh INTEGER NOT NULL,
          preVAT INTEGER NOT NULL,
          vat INTEGER NOT NULL,
          total INTEGER NOT NULL,
          low INTEGER,
          expected INTEGER,
          high INTEGER,
          measured INTEGER NOT NULL,
          estimated INTEGER NOT NULL,
          missing INTEGER NOT NULL,
          projected INTEGER NOT NULL,
          isHeld INTEGER NOT NULL CHECK(isHeld IN (0, 1)),
          refusal TEXT,
          PRIMARY KEY(asOf, usagePoint, run)
        ) STRICT, WITHOUT ROWID;
        """
}
