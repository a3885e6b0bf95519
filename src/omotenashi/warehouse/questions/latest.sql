-- Who did something last, under the names they have today. Tests and what is not an event count too: they were here.
WITH
    roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    seen AS
    (
        SELECT person AS logged, max(at) AS latest
        FROM entries
        WHERE project = {project:String} AND at < {before:Int64} AND person != ''
        GROUP BY person
    )
SELECT if(root = '', logged, root) AS today, max(latest) AS last
FROM seen
LEFT ANY JOIN roots ON seen.logged = roots.absorbed
GROUP BY today
ORDER BY last DESC, today
LIMIT {limit:UInt32}
