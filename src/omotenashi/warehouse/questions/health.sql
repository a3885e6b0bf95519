-- How each campaign has fared: shown, failed, in the way of something, given back unshown since `since`; shown since `month`; and when last.
SELECT
    campaign,
    countIf(name = '_message_open' AND NOT holdout AND at >= {since:Int64}) AS shown,
    countIf(name = '_error' AND at >= {since:Int64}) AS errors,
    countIf(name = '_message_conflict' AND at >= {since:Int64}) AS conflicts,
    countIf(name = '#released' AND at >= {since:Int64}) AS unshown,
    countIf(name = '_message_open' AND NOT holdout AND at >= {month:Int64}) AS month_shown,
    maxIf(at, name = '_message_open') AS last
FROM entries
WHERE project = {project:String} AND name IN ('_message_open', '_error', '_message_conflict', '#released')
    AND campaign != '' AND NOT test
GROUP BY campaign
