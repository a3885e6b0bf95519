-- What happened on two days, hour by hour: each row is one hour (which >= 1, its place in `hours`), today so far (which = 0),
-- or the other day as far as it had come by then (which = -1). Tests are left out, and so is what the engine itself said.
WITH roots AS (SELECT who AS absorbed, argMax(root_who, position) AS root FROM aliases WHERE project = {project:String} GROUP BY who)
SELECT
    which,
    uniqExactIf(person, came) AS visitors,
    uniqExactIf(visit, came) AS sessions,
    countIf(name = '_message_open') AS shown,
    countIf(name = '#goal') AS goals
FROM
(
    SELECT
        if(root = 0, logged, root) AS person, visit, name, came,
        arrayJoin(arrayFilter(n -> n < 1000, [
            toInt32(indexOf({hours:Array(Int64)}, roundDown(at, {hours:Array(Int64)}))),
            toInt32(multiIf(at >= {today:Int64}, 0, at < {until:Int64}, -1, 1000))
        ])) AS which
    FROM
    (
        SELECT who AS logged, visit, name, at, session != '' AND source IN ('tag', 'server', 'import') AS came
        FROM entries
        WHERE project = {project:String} AND received_at >= {start:Int64} AND NOT test AND NOT holdout
            AND ((at >= {start:Int64} AND at < {end:Int64}) OR (at >= {today:Int64} AND at <= {now:Int64}))
            AND (came OR name = '#goal')
    ) AS told
    LEFT ANY JOIN roots ON told.logged = roots.absorbed
)
GROUP BY which
ORDER BY which
