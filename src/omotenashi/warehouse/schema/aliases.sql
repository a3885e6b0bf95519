-- Who was merged into whom, resolved: `root` is the person that `person` is today.
CREATE TABLE IF NOT EXISTS aliases
(
    project LowCardinality(String),
    person String,
    root String,
    position UInt64,
    who UInt128 MATERIALIZED reinterpretAsUInt128(sipHash128(person)),
    root_who UInt128 MATERIALIZED reinterpretAsUInt128(sipHash128(root))
)
ENGINE = ReplacingMergeTree(position)
ORDER BY (project, person)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
