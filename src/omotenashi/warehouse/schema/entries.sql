-- Every entry of the log, once. `values` holds the scalars of an event by dotted path; `lists` holds paths that were reached through a list, element by element:
-- kind 1 number, 2 text, 3 flag. `body` is the entry itself, as JSON, and what a rebuild reads.
-- An entry that is not an event is named `#` and its kind. `who` and `visit` stand for `person` and `session` where people are counted:
-- numbers, because texts are slow to group by. Two people in 2^128, or two sessions of one person in 2^64, would have to meet to be taken for one.
CREATE TABLE IF NOT EXISTS entries
(
    position UInt64 CODEC(Delta, ZSTD),
    project LowCardinality(String),
    name LowCardinality(String),
    person String CODEC(ZSTD),
    at Int64 CODEC(Delta, ZSTD),
    received_at Int64 CODEC(Delta, ZSTD),
    place UInt32,
    id String CODEC(ZSTD),
    seq UInt32,
    config UInt32,
    visitor String CODEC(ZSTD),
    user_id String CODEC(ZSTD),
    session String CODEC(ZSTD),
    session_started_at Int64 CODEC(Delta, ZSTD),
    opened_session Bool,
    late Bool,
    source LowCardinality(String),
    page_view String CODEC(ZSTD),
    visible_ms UInt32,
    device LowCardinality(Nullable(String)),
    os LowCardinality(Nullable(String)),
    browser LowCardinality(Nullable(String)),
    language LowCardinality(Nullable(String)),
    country LowCardinality(Nullable(String)),
    test Bool,
    values JSON(max_dynamic_paths = 256),
    lists Map(LowCardinality(String), Array(Tuple(UInt8, Float64, String))),
    listeners LowCardinality(String),
    gates Array(UInt8),
    campaign LowCardinality(String),
    action LowCardinality(String),
    holdout Bool,
    first Bool,
    value_micros Nullable(Int128),
    body String CODEC(ZSTD(3)),
    order_key String MATERIALIZED concat(
        leftPad(hex(at), 16, '0'), leftPad(hex(received_at), 16, '0'), leftPad(hex(place), 8, '0'), id
    ) CODEC(ZSTD),
    who UInt128 MATERIALIZED reinterpretAsUInt128(sipHash128(person)) CODEC(ZSTD),
    visit UInt64 MATERIALIZED sipHash64(session) CODEC(ZSTD)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(received_at, 'UTC'))
ORDER BY (project, name, person, at)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1, min_bytes_for_wide_part = 67108864
