CREATE TABLE configurations (
  project TEXT NOT NULL,
  version INTEGER NOT NULL,
  document TEXT NOT NULL,
  sources TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  comment TEXT NOT NULL, author TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (project, version)
) STRICT;

CREATE TABLE heads (
  project TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE switches (
  project TEXT PRIMARY KEY,
  messages_stopped INTEGER NOT NULL,
  recording_stopped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE backfills (
  project TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (project, version)
) STRICT, WITHOUT ROWID;

-- Up to this version every base stands.
CREATE TABLE readiness (
  project TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bases (
  project TEXT NOT NULL,
  person TEXT NOT NULL,
  version INTEGER NOT NULL,
  statistic TEXT NOT NULL,
  accumulator BLOB NOT NULL,
  PRIMARY KEY (project, person, version, statistic)
) STRICT, WITHOUT ROWID;

-- A range is recorded before it is inserted, and sent again exactly so after a crash.
CREATE TABLE loads (
  "table" TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  token TEXT NOT NULL,
  done INTEGER NOT NULL,
  PRIMARY KEY ("table", first)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
  reader TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  key TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('public', 'staging', 'secret'))
) STRICT, WITHOUT ROWID;
