-- What a campaign's arms did: each row is one arm on one day (day = -1: the whole time), holdouts as they would have been shown.
-- A person belongs to an arm by what was opened; people seen in two arms are crossed and counted apart, for they prove nothing.
-- A goal belongs to the day of the exposure that it follows.
WITH
    roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    told AS
    (
        SELECT
            if(root = '', logged, root) AS person, kind, action, holdout, micros,
            indexOf({days:Array(Int64)}, roundDown(moment, {days:Array(Int64)})) AS day
        FROM
        (
            SELECT
                person AS logged,
                multiIf(name = '_message_open', 'shown', name = '_message_click', 'clicked', name = '_message_close', 'closed', 'goal') AS kind,
                action, holdout, value_micros AS micros,
                if(name = '#goal', ifNull(values.exposed_at.:Int64, at), at) AS moment
            FROM entries
            PREWHERE project = {project:String} AND name IN ('_message_open', '_message_click', '_message_close', '#goal')
            WHERE campaign = {campaign:String} AND NOT test
                AND (name != '_message_close' OR values.by.:String IN ('button', 'escape', 'backdrop'))
                AND moment >= {start:Int64} AND moment < {end:Int64}
        ) AS entry
        LEFT ANY JOIN roots ON entry.logged = roots.absorbed
    ),
    arms AS (SELECT person, uniqExact(action) > 1 AS crossed FROM told WHERE kind = 'shown' GROUP BY person)
SELECT
    action,
    any(holdout) AS is_holdout,
    which AS day,
    countIf(kind = 'shown') AS shown,
    uniqExactIf(person, kind = 'shown') AS people,
    countIf(kind = 'clicked') AS clicked,
    uniqExactIf(person, kind = 'clicked') AS clickers,
    countIf(kind = 'closed') AS closed,
    countIf(kind = 'goal') AS goals,
    uniqExactIf(person, kind = 'shown' AND NOT crossed) AS judged,
    uniqExactIf(person, kind = 'goal' AND NOT crossed) AS achievers,
    toString(sumIf(ifNull(micros, 0), kind = 'goal' AND NOT crossed)) AS micros_of_goals
FROM (SELECT *, arrayJoin([-1, toInt32(day) - 1]) AS which FROM told) AS told
LEFT ANY JOIN arms USING (person)
GROUP BY action, which
ORDER BY action, which
