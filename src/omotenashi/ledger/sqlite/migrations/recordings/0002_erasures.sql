-- Who was erased, and when: what began until then is erased, also what is written down a moment later.
CREATE TABLE erasures (
  project TEXT NOT NULL,
  person TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (project, person)
) STRICT, WITHOUT ROWID;
