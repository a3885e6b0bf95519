-- What happened to one person, newest first, under every name they were logged by.
WITH
    roots AS (SELECT person, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    (SELECT if(count() = 0, {person:String}, any(root)) FROM roots WHERE person = {person:String}) AS today,
    (SELECT groupArray(person) FROM roots WHERE root = today) AS absorbed
SELECT position, body, listeners, gates
FROM entries
WHERE project = {project:String} AND (person = today OR has(absorbed, person))
    AND (at, position) < ({at:Int64}, {position:UInt64})
ORDER BY at DESC, position DESC
LIMIT {limit:UInt32}
