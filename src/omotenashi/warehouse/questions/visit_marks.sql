-- How often each of some events happened in each of some visits; what concerns a campaign apart from each other. A message
-- that went with its page was not closed.
SELECT session, name, campaign, holdout, count()
FROM entries
WHERE project = {project:String} AND name IN {names:Array(String)} AND at >= {since:Int64}
    AND session IN {sessions:Array(String)}
    AND (name != '_message_close' OR values.by.:String IN ('button', 'escape', 'backdrop'))
GROUP BY session, name, campaign, holdout
ORDER BY session, name, campaign, holdout
