-- How often each campaign's messages were shown and clicked, day by day; `day` counts the given days from 1.
SELECT
    campaign,
    indexOf({days:Array(Int64)}, roundDown(at, {days:Array(Int64)})) AS day,
    countIf(name = '_message_open') AS shown,
    countIf(name = '_message_click') AS clicked
FROM entries
WHERE project = {project:String} AND name IN ('_message_open', '_message_click') AND campaign != '' AND NOT holdout AND NOT test
    AND at >= {start:Int64} AND at < {end:Int64}
GROUP BY campaign, day
