/** English counting: `1 person`, `2 people`, `1,204 people`. */
export function count(n: string | number, one: string, many: string): string {
  return `${n} ${String(n) === "1" ? one : many}`;
}
