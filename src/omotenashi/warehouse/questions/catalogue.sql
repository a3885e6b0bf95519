-- Every event name that was ever sent: how often, by about how many people, since when and when last, and how often on each day.
SELECT
    name, sum(times) AS events, uniqMerge(whoever) AS people, min(first_at) AS first, max(last_at) AS latest,
    sumMap([place], [times]) AS by_day
FROM
(
    SELECT
        name, indexOf({days:Array(Int64)}, roundDown(at, {days:Array(Int64)})) * (at >= {start:Int64} AND at < {end:Int64}) AS place,
        count() AS times, uniqState(who) AS whoever, min(at) AS first_at, max(at) AS last_at
    FROM entries
    WHERE project = {project:String} AND NOT startsWith(name, '#') AND NOT test
    GROUP BY name, place
)
GROUP BY name
ORDER BY events DESC, name
