-- Who ever gave this mail address or a name with this in it, under the names they are logged by; the address first, then the latest.
WITH roots AS (SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person)
SELECT if(root = '', logged, root) AS today, max(mailed) AS by_mail, max(latest) AS last
FROM
(
    SELECT
        person AS logged,
        lowerUTF8(values.email.:String) = {mail:String} AS mailed,
        at AS latest
    FROM entries
    PREWHERE project = {project:String} AND name IN ('identify', 'attribute')
    WHERE mailed OR positionCaseInsensitiveUTF8(ifNull(values.name.:String, ''), {text:String}) > 0
) AS told
LEFT ANY JOIN roots ON told.logged = roots.absorbed
GROUP BY today
ORDER BY by_mail DESC, last DESC
LIMIT {limit:UInt32}
