-- How far each person came in a campaign's gates at best: for each gate, how many came to it and no further.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT farthest, count() AS people
FROM
(
    SELECT if(root = '', logged, root) AS person, max(rank) AS farthest
    FROM
    (
        SELECT
            person AS logged,
            indexOf({order:Array(UInt8)}, gates[indexOf(splitByChar('\n', toString(listeners)), {campaign:String})]) AS rank
        FROM entries
        WHERE project = {project:String} AND notEmpty(gates) AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
            AND has(splitByChar('\n', toString(listeners)), {campaign:String})
    ) AS told
    LEFT ANY JOIN roots ON told.logged = roots.absorbed
    GROUP BY person
) AS came
GROUP BY farthest
ORDER BY farthest
