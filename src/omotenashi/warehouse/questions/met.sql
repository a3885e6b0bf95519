-- How many people met a campaign's messages and how many its holdouts, clicked and reached the goal; each person once a side.
WITH
    roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    told AS
    (
        SELECT if(root = '', logged, root) AS person, name, action, holdout
        FROM
        (
            SELECT
                person AS logged, name, action, holdout,
                if(name = '#goal', ifNull(values.exposed_at.:Int64, at), at) AS moment
            FROM entries
            PREWHERE project = {project:String} AND name IN ('_message_open', '_message_click', '#goal')
            WHERE campaign = {campaign:String} AND NOT test AND moment >= {start:Int64} AND moment < {end:Int64}
        ) AS entry
        LEFT ANY JOIN roots ON entry.logged = roots.absorbed
    ),
    arms AS (SELECT person, uniqExact(action) > 1 AS crossed FROM told WHERE name = '_message_open' GROUP BY person)
SELECT
    holdout,
    uniqExactIf(person, name = '_message_open') AS shown,
    uniqExactIf(person, name = '_message_click') AS clicked,
    uniqExactIf(person, name = '_message_open' AND NOT crossed) AS judged,
    uniqExactIf(person, name = '#goal' AND NOT crossed) AS achieved
FROM told
LEFT ANY JOIN arms USING (person)
GROUP BY holdout
