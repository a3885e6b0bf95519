-- What was answered to a campaign's questions, latest first, as logged.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT if(root = '', logged, root) AS person, at, body
FROM
(
    SELECT person AS logged, at, position, body
    FROM entries
    PREWHERE project = {project:String} AND name = '_answer_question'
    WHERE campaign = {campaign:String} AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
    ORDER BY at DESC, position DESC
    LIMIT {limit:UInt32}
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
ORDER BY at DESC, position DESC
