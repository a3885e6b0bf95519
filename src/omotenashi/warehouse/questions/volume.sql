-- How much came in: events and people of two spans of time.
WITH roots AS (SELECT who AS absorbed, argMax(root_who, position) AS root FROM aliases WHERE project = {project:String} GROUP BY who)
SELECT
    countIf(at >= {start:Int64}) AS events,
    uniqIf(person, at >= {start:Int64}) AS people,
    countIf(at < {until:Int64}) AS events_before
FROM
(
    SELECT at, if(root = 0, logged, root) AS person
    FROM
    (
        SELECT who AS logged, at
        FROM entries
        WHERE project = {project:String} AND received_at >= {before:Int64} AND at >= {before:Int64} AND NOT test
            AND source IN ('tag', 'server', 'import')
    ) AS told
    LEFT ANY JOIN roots ON told.logged = roots.absorbed
)
