-- To which other campaigns a campaign gave way.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT winner, count() AS times, uniqExact(if(root = '', logged, root)) AS people
FROM
(
    SELECT person AS logged, ifNull(values.winner.:String, '') AS winner
    FROM entries
    PREWHERE project = {project:String} AND name = '_message_suppressed'
    WHERE campaign = {campaign:String} AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY winner
ORDER BY times DESC, winner
LIMIT 20
