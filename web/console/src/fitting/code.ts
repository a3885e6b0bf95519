/** The code as a picture of its own: dark on light, whatever the page looks like. */
export function codeImage(svg: string): string {
  const whole = svg.includes("xmlns=")
    ? svg
    : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" style="background:#fff"');
  return `data:image/svg+xml;utf8,${encodeURIComponent(whole)}`;
}
