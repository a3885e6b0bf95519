-- What one person has said of the purposes, newest first, under every name they were logged by.
WITH
    roots AS (SELECT person, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    (SELECT if(count() = 0, {person:String}, any(root)) FROM roots WHERE person = {person:String}) AS today,
    (SELECT groupArray(person) FROM roots WHERE root = today) AS absorbed
SELECT position, body
FROM entries
WHERE project = {project:String} AND (person = today OR has(absorbed, person))
    AND name IN ('consent', '_consent_requested') AND source != 'engine'
ORDER BY at DESC, position DESC
LIMIT {limit:UInt32}
