-- Who looked at which recording, and when. Whoever reads its chunks names one of these.
CREATE TABLE viewings (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  recording TEXT NOT NULL,
  staff TEXT NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX viewings_by_recording ON viewings (project, recording, at);

-- What staff wrote beside a recording; place is ms from its beginning.
CREATE TABLE notes (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  recording TEXT NOT NULL,
  place INTEGER NOT NULL,
  text TEXT NOT NULL,
  author TEXT NOT NULL,
  author_name TEXT NOT NULL,
  written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX notes_by_recording ON notes (project, recording, place);

CREATE TABLE labels (
  project TEXT NOT NULL,
  recording TEXT NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (project, recording, label)
) STRICT, WITHOUT ROWID;
