-- The visits of some people, under the names they have today.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT DISTINCT session
FROM (SELECT person AS logged, session FROM sessions WHERE project = {project:String} AND started_at >= {since:Int64}) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
WHERE if(root = '', logged, root) IN (SELECT person FROM (__people__))
