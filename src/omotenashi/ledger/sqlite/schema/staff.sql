CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  mail TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('ja', 'en')),
  theme TEXT NOT NULL CHECK (theme IN ('auto', 'light', 'dark')),
  password TEXT NOT NULL,
  totp_secret TEXT NOT NULL,
  totp_step INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Project '*' stands for every project, also those to come.
CREATE TABLE grants (
  staff TEXT NOT NULL,
  project TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'editor', 'viewer')),
  extra TEXT NOT NULL,
  PRIMARY KEY (staff, project)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
  staff TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (staff, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  staff TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('setup', 'invitation', 'password', 'link', 'openid')),
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Addresses that work once: the setup, an invitation, a sign-in for somebody who is locked out.
CREATE TABLE links (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('setup', 'invitation', 'sign_in')),
  staff TEXT NOT NULL,
  mail TEXT NOT NULL,
  project TEXT NOT NULL,
  role TEXT NOT NULL,
  extra TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who changed what; rows are only ever added.
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  project TEXT NOT NULL,
  who TEXT NOT NULL,
  who_name TEXT NOT NULL,
  who_kind TEXT NOT NULL CHECK (who_kind IN ('member', 'token', 'machine')),
  operation TEXT NOT NULL,
  parameters TEXT NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_project ON audit (project, number);

CREATE TABLE drafts (
  project TEXT NOT NULL,
  path TEXT NOT NULL,
  revision INTEGER NOT NULL,
  base_version INTEGER NOT NULL,
  text TEXT NOT NULL,
  author TEXT NOT NULL,
  author_name TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'submitted')),
  comment TEXT NOT NULL,
  submitted_by TEXT NOT NULL,
  submitted_name TEXT NOT NULL,
  PRIMARY KEY (project, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE saved (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  author TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_by_project ON saved (project, kind, created_at);

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
