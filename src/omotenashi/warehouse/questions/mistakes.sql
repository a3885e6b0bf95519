-- The latest scripts of a campaign's messages that failed, and texts that could not be written, each with whom it happened to.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT at, if(root = '', logged, root) AS person, action, message, url
FROM
(
    SELECT
        at, position, person AS logged, action, ifNull(values.message.:String, '') AS message, ifNull(values.url.:String, '') AS url
    FROM entries
    PREWHERE project = {project:String} AND name = '_error'
    WHERE campaign = {campaign:String} AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
    ORDER BY at DESC, position DESC
    LIMIT {limit:UInt32}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
ORDER BY at DESC, position DESC
