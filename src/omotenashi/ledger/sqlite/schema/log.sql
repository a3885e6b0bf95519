-- `head` has its one row from the moment the file holds, or may hold, entries; without it the file is a spare.
CREATE TABLE head (
  first INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
  position INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;
