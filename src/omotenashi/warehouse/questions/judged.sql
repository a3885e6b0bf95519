-- Who was first shown a campaign's message, or held out, since an instant, by arm and day, and who of them has reached the goal since.
-- A row with day -1 is an arm's whole: its people, achievers, and the sum and the sum of squares of what each was worth.
-- Days count first exposures and first goals. Whoever met two arms proves nothing: they are the rows without an action.
WITH
    roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person),
    told AS
    (
        SELECT if(root = '', logged, root) AS person, is_goal, at, met, held, micros
        FROM
        (
            SELECT person AS logged, name = '#goal' AS is_goal, at, action AS met, holdout AS held, ifNull(value_micros, 0) AS micros
            FROM entries
            PREWHERE project = {project:String} AND name IN ('_message_open', '#goal')
            WHERE campaign = {campaign:String} AND NOT test AND at < {end:Int64}
        ) AS entry
        LEFT ANY JOIN roots ON entry.logged = roots.absorbed
    ),
    judged AS
    (
        SELECT
            person,
            countIf(NOT is_goal) AS opens,
            minIf(at, NOT is_goal) AS met_at,
            uniqExactIf(met, NOT is_goal) > 1 AS crossed,
            if(crossed, '', anyIf(met, NOT is_goal)) AS arm,
            anyIf(held, NOT is_goal) AND NOT crossed AS is_held,
            countIf(is_goal) > 0 AS reached,
            minIf(at, is_goal) AS reached_at,
            sumIf(micros, is_goal) AS worth
        FROM told
        GROUP BY person
        HAVING opens > 0 AND met_at >= {start:Int64}
    )
SELECT
    arm, is_held, slot.1 AS day, sum(slot.2) AS people, sum(slot.3) AS achievers, toString(sum(slot.4)) AS micros, sum(slot.5) AS squares
FROM
(
    SELECT
        arm, is_held,
        arrayJoin(arrayConcat(
            [(toInt32(-1), toUInt8(1), toUInt8(reached), worth, pow(toFloat64(worth) / 1e6, 2))],
            [(toInt32(indexOf({days:Array(Int64)}, roundDown(met_at, {days:Array(Int64)})) - 1), 1, 0, toInt128(0), 0.)],
            if(reached, [(toInt32(indexOf({days:Array(Int64)}, roundDown(reached_at, {days:Array(Int64)})) - 1), 0, 1, toInt128(0), 0.)], [])
        )) AS slot
    FROM judged
) AS slots
GROUP BY arm, is_held, day
ORDER BY arm, is_held, day
