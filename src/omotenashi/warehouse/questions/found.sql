-- The people that a rule holds for, who was here last first, and how many they are in all. Whoever was not here since `since` comes last.
SELECT person, last, total
FROM
(
    SELECT person, last, count() OVER () AS total
    FROM (SELECT person, reinterpretAsUInt128(sipHash128(person)) AS who FROM (__people__)) AS found
    LEFT ANY JOIN
    (
        SELECT if(root = 0, logged, root) AS who, max(latest) AS last
        FROM
        (
            SELECT who AS logged, max(at) AS latest
            FROM entries
            WHERE project = {project:String} AND at >= {since:Int64} AND source NOT IN ('engine', 'console')
            GROUP BY who
        ) AS told
        LEFT ANY JOIN
        (
            SELECT who AS absorbed, argMax(root_who, position) AS root FROM aliases WHERE project = {project:String} GROUP BY who
        ) AS roots ON told.logged = roots.absorbed
        GROUP BY who
    ) AS seen USING (who)
)
WHERE (last, person) < ({before_last:Int64}, {before_person:String})
ORDER BY last DESC, person DESC
LIMIT {limit:UInt32}
