-- Everyone who has an entry, by the name it was logged under. `position` is of the latest one.
CREATE TABLE IF NOT EXISTS people
(
    project LowCardinality(String),
    person String CODEC(ZSTD),
    position UInt64,
    who UInt128 MATERIALIZED reinterpretAsUInt128(sipHash128(person)) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(position)
ORDER BY (project, person)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
