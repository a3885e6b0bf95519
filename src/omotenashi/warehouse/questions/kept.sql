-- What is kept of a project: how many events, since when, until when.
SELECT countIf(NOT startsWith(name, '#')) AS events, min(at) AS oldest, max(at) AS latest
FROM entries
WHERE project = {project:String} AND person != ''
