/** Orders runs of decimal digits by value, however long they are; leading zeros do not count. */
export function compareDigits(a: string, b: string): number {
  const left = withoutLeadingZeros(a);
  const right = withoutLeadingZeros(b);
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The digits without leading zeros; zero is the empty text. */
export function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === 0x30) start++;
  return start === 0 ? digits : digits.slice(start);
}

/** Orders lists of digit runs from the left; a missing one counts as zero. */
export function compareDigitLists(a: readonly string[], b: readonly string[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const order = compareDigits(a[index] ?? "", b[index] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}
