-- The people who stopped at a gate of a campaign, those who did latest first.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT if(root = '', logged, root) AS person, max(at) AS latest
FROM
(
    SELECT person AS logged, at
    FROM entries
    WHERE project = {project:String} AND notEmpty(gates) AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
        AND has(splitByChar('\n', toString(listeners)), {campaign:String})
        AND gates[indexOf(splitByChar('\n', toString(listeners)), {campaign:String})] = {gate:UInt8}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY person
ORDER BY latest DESC, person
LIMIT {limit:UInt32}
