-- How far the events that trigger a campaign came: for each gate, how many stopped there, and of how many people.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT gate, count() AS events, uniqExact(if(root = '', logged, root)) AS people
FROM
(
    SELECT person AS logged, gates[indexOf(splitByChar('\n', toString(listeners)), {campaign:String})] AS gate
    FROM entries
    WHERE project = {project:String} AND notEmpty(gates) AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
        AND has(splitByChar('\n', toString(listeners)), {campaign:String})
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY gate
ORDER BY gate
