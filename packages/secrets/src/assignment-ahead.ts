/** Whether, shortly after a name, something is assigned that is long enough to be a secret. */
export function assignmentFollows(bytes: Uint8Array, from: number): boolean {
  const nearest = Math.min(bytes.length, from + 48);
  for (let i = from; i < nearest; i++) {
    const kind = kinds[bytes[i] ?? 0] ?? 0;
    if (kind === 0) return false;
    if (kind !== sign) continue;
    // A prefix of the string may stand in between, as in `= b"…"`.
    const latest = Math.min(bytes.length, i + 9);
    let run = 0;
    for (let at = i + 1; at < bytes.length && (at < latest || run > 0); at++) {
      run = ((kinds[bytes[at] ?? 0] ?? 0) & word) === 0 ? 0 : run + 1;
      if (run === 8) return true;
    }
  }
  return false;
}

const blank = 1;
const word = 2;
const sign = 4;

/** What a byte can be between a name and its value; 0 ends it. `=` is a sign, and part of values as well. */
const kinds: Uint8Array = kindTable();

function kindTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of " \t\n\r\f'\"`])([{\\") table[character.charCodeAt(0)] = blank;
  for (const character of "=:>|<?,") table[character.charCodeAt(0)] = sign;
  for (let byte = 0x21; byte < 0x7f; byte++) {
    if (/[\w.+/~@-]/.test(String.fromCharCode(byte))) table[byte] = word;
  }
  return table;
}
