-- The most frequent values of a field of an event, with how many events and people had them.
WITH
    roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    told AS
    (
        SELECT person AS logged, __elements__ AS elements
        FROM entries
        PREWHERE project = {project:String} AND name = {name:String}
        WHERE at >= {start:Int64} AND at < {end:Int64} AND notEmpty(elements)
    )
SELECT element.1 AS kind, element.2 AS number, element.3 AS text, count() AS events, uniqExact(if(root = '', logged, root)) AS people
FROM (SELECT logged, arrayJoin(elements) AS element FROM told) AS each
LEFT ANY JOIN roots ON each.logged = roots.absorbed
GROUP BY element
ORDER BY people DESC, events DESC, element
LIMIT {top:UInt32}
