-- The latest entry that says how a campaign's place ended for one person: opened, or given back unopened.
WITH
    roots AS (SELECT person, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    (SELECT if(count() = 0, {person:String}, any(root)) FROM roots WHERE person = {person:String}) AS today,
    (SELECT groupArray(person) FROM roots WHERE root = today) AS absorbed
SELECT body
FROM entries
WHERE project = {project:String} AND (person = today OR has(absorbed, person))
    AND name IN ('_message_open', '#released') AND campaign = {campaign:String}
ORDER BY at DESC, position DESC
LIMIT 1
