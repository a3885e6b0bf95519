-- Every event name that was ever sent, with how often and when last; the most frequent first.
SELECT name, count() AS events, max(at) AS latest
FROM entries
WHERE project = {project:String} AND NOT startsWith(name, '#')
GROUP BY name
ORDER BY events DESC, name
