-- The people behind one number of a campaign's results: who was shown, clicked, closed or reached the goal in an arm.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT if(root = '', logged, root) AS person, max(moment) AS latest
FROM
(
    SELECT person AS logged, if(name = '#goal', ifNull(values.exposed_at.:Int64, at), at) AS moment
    FROM entries
    PREWHERE project = {project:String} AND name = {name:String}
    WHERE campaign = {campaign:String} AND action = {action:String} AND NOT test
        AND (name != '_message_close' OR values.by.:String IN ('button', 'escape', 'backdrop'))
        AND moment >= {start:Int64} AND moment < {end:Int64}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY person
ORDER BY latest DESC, person
LIMIT {limit:UInt32}
