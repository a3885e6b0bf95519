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
  "full" INTEGER NOT NULL, looked INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (project, recording, tab, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX chunks_to_look ON chunks (from_at) WHERE looked = 0;

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

-- A style sheet, font or picture that recorded pages showed. Its bytes are among the blobs, named by their hash.
CREATE TABLE materials (
  project TEXT NOT NULL,
  sha TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (project, sha)
) STRICT, WITHOUT ROWID;

-- When an address was asked for last, and what stood there when it last answered; why not, if the last time it did not.
CREATE TABLE asked (
  project TEXT NOT NULL,
  url TEXT NOT NULL,
  at INTEGER NOT NULL,
  sha TEXT NOT NULL,
  etag TEXT NOT NULL,
  modified TEXT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (project, url)
) STRICT, WITHOUT ROWID;

-- What an address was for one recording; '' where it could not be had.
CREATE TABLE shown (
  project TEXT NOT NULL,
  recording TEXT NOT NULL,
  url TEXT NOT NULL,
  sha TEXT NOT NULL,
  PRIMARY KEY (project, recording, url)
) STRICT, WITHOUT ROWID;

CREATE INDEX shown_by_sha ON shown (project, sha);
