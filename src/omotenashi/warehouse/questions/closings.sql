-- How a campaign's messages were closed, by arm: by a person's hand, by the clock, or by leaving the page.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT action, how, count() AS times, uniqExact(if(root = '', logged, root)) AS people
FROM
(
    SELECT person AS logged, action, ifNull(values.by.:String, '') AS how
    FROM entries
    PREWHERE project = {project:String} AND name = '_message_close'
    WHERE campaign = {campaign:String} AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY action, how
ORDER BY action, times DESC, how
