-- Nothing was ever written here.
DROP TABLE assets;

-- Whether it was looked for what a replay of the chunk needs.
ALTER TABLE chunks ADD COLUMN looked INTEGER NOT NULL DEFAULT 0;

CREATE INDEX chunks_to_look ON chunks (from_at) WHERE looked = 0;

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
