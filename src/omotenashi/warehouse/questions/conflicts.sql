-- What a campaign's messages covered on the page: something that can be pressed or is protected, or another message.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT selector, other, count() AS times, uniqExact(if(root = '', logged, root)) AS people, max(part) AS most, max(at) AS latest
FROM
(
    SELECT
        person AS logged, at, ifNull(values.selector.:String, '') AS selector, ifNull(values.message.:String, '') AS other,
        ifNull(values.share.:Float64, ifNull(toFloat64(values.share.:Int64), 0)) AS part
    FROM entries
    PREWHERE project = {project:String} AND name = '_message_conflict'
    WHERE campaign = {campaign:String} AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY selector, other
ORDER BY times DESC, selector, other
LIMIT 20
