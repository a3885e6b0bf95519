-- Every session, as stamped on entries, by the person it was logged under. `place` orders a person's sessions.
CREATE TABLE IF NOT EXISTS sessions
(
    project LowCardinality(String),
    person String CODEC(ZSTD),
    session String CODEC(ZSTD),
    started_at Int64 CODEC(Delta, ZSTD),
    position UInt64,
    who UInt128 MATERIALIZED reinterpretAsUInt128(sipHash128(person)) CODEC(ZSTD),
    place String MATERIALIZED concat(leftPad(hex(started_at), 16, '0'), session) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(position)
ORDER BY (project, person, session)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
