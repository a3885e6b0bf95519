/** Calendar days of a time zone as instants. */

/** The instant (ms) at which a day written YYYY-MM-DD begins in the zone, or the day `later` days after it; 0 for no day. */
export function instantOf(day: string | undefined, zone: string, later = 0): number {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? "");
  if (!found) return 0;
  const wanted = Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]) + later);
  const first = wanted - offset(wanted, zone);
  return wanted - offset(first, zone);
}

/** How many ms the zone's clocks are ahead of UTC at an instant. */
function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall - Math.floor(at / 1000) * 1000;
}
