/** A text of so many lines, each made of its number from 0 on. */
export function madeLines(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join("\n");
}
