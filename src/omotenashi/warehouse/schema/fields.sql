-- Every field that an event was ever seen with. `kind`: 1 number, 2 text, 3 flag; `listed` when a list led to it.
CREATE TABLE IF NOT EXISTS fields
(
    project LowCardinality(String),
    name LowCardinality(String),
    path String,
    kind UInt8,
    listed Bool
)
ENGINE = ReplacingMergeTree
ORDER BY (project, name, path, kind, listed)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
