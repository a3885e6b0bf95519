-- Why places that were reserved for a campaign's messages were given back unopened, by arm. The place says whether it was a test.
WITH
    roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    places AS
    (
        SELECT JSONExtractString(body, 11) AS place, any(action) AS arm, any(test) AS tried
        FROM entries
        PREWHERE project = {project:String} AND name = '#reserved'
        WHERE campaign = {campaign:String} AND at < {end:Int64}
        GROUP BY place
    )
SELECT arm, why, count() AS times, uniqExact(if(root = '', logged, root)) AS people
FROM
(
    SELECT person AS logged, JSONExtractString(body, 11) AS place, ifNull(values.reason.:String, '') AS why
    FROM entries
    PREWHERE project = {project:String} AND name = '#released'
    WHERE campaign = {campaign:String} AND at >= {start:Int64} AND at < {end:Int64}
) AS told
ANY JOIN places USING (place)
LEFT ANY JOIN roots ON told.logged = roots.absorbed
WHERE NOT tried
GROUP BY arm, why
ORDER BY arm, times DESC, why
