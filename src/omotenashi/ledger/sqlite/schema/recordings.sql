-- One visit of one visitor, in all its tabs. Times are the server's.
CREATE TABLE recordings (
  project TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  visitor TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  tabs INTEGER NOT NULL,
  events INTEGER NOT NULL,
  clicks INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  first_url TEXT NOT NULL,
  last_url TEXT NOT NULL,
  device TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  protected INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'erasing')),
  PRIMARY KEY (project, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX recordings_by_start ON recordings (project, started_at);
CREATE INDEX recordings_by_person ON recordings (project, person, started_at);
CREATE INDEX recordings_by_end ON recordings (project, state, ended_at);

CREATE TABLE chunks (
  project TEXT NOT NULL,
  recording TEXT NOT NULL,
  tab TEXT NOT NULL,
  seq INTEGER NOT NULL,
  page TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  events INTEGER NOT NULL,
  "full" INTEGER NOT NULL,
  PRIMARY KEY (project, recording, tab, seq)
) STRICT, WITHOUT ROWID;

-- Why visits were not recorded, by day (days since 1970, UTC).
CREATE TABLE refused (
  project TEXT NOT NULL,
  day INTEGER NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project, day, reason)
) STRICT, WITHOUT ROWID;

-- What the chunks of a project take, so that nobody has to add them up.
CREATE TABLE usage (
  project TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What recorded pages showed and a later replay needs.
CREATE TABLE assets (
  project TEXT NOT NULL,
  url TEXT NOT NULL,
  at INTEGER NOT NULL,
  sha TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (project, url, at)
) STRICT, WITHOUT ROWID;

-- Whoever watches live keeps this in the future, and the page sends sooner.
CREATE TABLE watching (
  project TEXT NOT NULL,
  recording TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (project, recording)
) STRICT, WITHOUT ROWID;

-- Who was erased, and when: what began until then is erased, also what is written down a moment later.
CREATE TABLE erasures (
  project TEXT NOT NULL,
  person TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (project, person)
) STRICT, WITHOUT ROWID;
