CREATE TABLE profiles (
  project TEXT NOT NULL,
  person TEXT NOT NULL,
  seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (project, person)
) STRICT;

-- kind 'visitor': a visitor id that was merged into a person; kind 'user': a member.
CREATE TABLE aliases (
  project TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('visitor', 'user')),
  key TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (project, kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX aliases_of_person ON aliases (project, person);

CREATE TABLE imports (
  project TEXT NOT NULL,
  batch TEXT NOT NULL,
  next_row INTEGER NOT NULL,
  PRIMARY KEY (project, batch)
) STRICT, WITHOUT ROWID;

-- Erasures that the rows contain but `synced` has not reached; recovery must not apply them twice.
CREATE TABLE erasures (
  project TEXT NOT NULL,
  person TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (project, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  synced INTEGER NOT NULL
) STRICT;

INSERT INTO meta (synced) VALUES (0);
