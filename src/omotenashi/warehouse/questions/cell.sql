-- The people behind one number of a campaign's report, the latest first, under the names they have today, and how many they are.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT who, latest, count() OVER () AS everybody
FROM
(
    SELECT if(root = '', logged, root) AS who, max(moment) AS latest
    FROM (__told__) AS told
    LEFT ANY JOIN roots ON told.logged = roots.absorbed
    GROUP BY who
    HAVING __kept__
) AS found
ORDER BY latest DESC, who
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
