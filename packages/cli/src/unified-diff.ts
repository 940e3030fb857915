const around = 3;

interface Change {
  /** Number of the first line of the old text that is removed, from 0, or before which lines are added. */
  readonly at: number;
  readonly gone: number;
  readonly added: readonly string[];
}

/** The differences between two texts in the format of `diff -u`. Where lines repeat, there may be other, equally short diffs. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const hunks = hunksOf(changesOf(old, fresh));
  if (hunks.length === 0) return "";
  let shift = 0;
  const parts = hunks.map((changes) => {
    const [first, last] = [changes[0] as Change, changes.at(-1) as Change]; // as: a hunk has a change at least
    const start = Math.max(0, first.at - around);
    const end = Math.min(old.length, last.at + last.gone + around);
    const lines: string[] = [];
    let at = start;
    for (const change of changes) {
      lines.push(...old.slice(at, change.at).map((line) => ` ${line}`));
      lines.push(...old.slice(change.at, change.at + change.gone).map((line) => `-${line}`));
      lines.push(...change.added.map((line) => `+${line}`));
      at = change.at + change.gone;
    }
    lines.push(...old.slice(at, end).map((line) => ` ${line}`));
    const grown = changes.reduce((sum, { gone, added }) => sum + added.length - gone, 0);
    const head = `@@ -${place(start, end - start)} +${place(start + shift, end - start + grown)} @@\n`;
    shift += grown;
    return (
      head + lines.map((line) => (line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`)).join("")
    );
  });
  return `--- ${name}\n+++ ${name}\n${parts.join("")}`;
}

function place(start: number, length: number): string {
  return `${length === 0 ? start : start + 1},${length}`;
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Lines in common are looked for a little ahead only, which is all that fixes need, and linear. */
const reach = 64;

function changesOf(old: readonly string[], fresh: readonly string[]): readonly Change[] {
  const changes: Change[] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < fresh.length) {
    if (a < old.length && b < fresh.length && old[a] === fresh[b]) {
      a += 1;
      b += 1;
      continue;
    }
    const [gone, added] = nextCommon(old, fresh, a, b);
    const lines = fresh.slice(b, b + added);
    const last = changes.at(-1);
    if (last !== undefined && last.at + last.gone === a)
      changes[changes.length - 1] = { at: last.at, gone: last.gone + gone, added: [...last.added, ...lines] };
    else changes.push({ at: a, gone, added: lines });
    a += gone;
    b += added;
  }
  return changes;
}

function nextCommon(old: readonly string[], fresh: readonly string[], a: number, b: number): readonly [number, number] {
  for (let sum = 1; sum <= reach; sum += 1)
    for (let gone = 0; gone <= sum; gone += 1) {
      const line = old[a + gone];
      if (line !== undefined && line === fresh[b + sum - gone]) return [gone, sum - gone];
    }
  return [Math.min(reach, old.length - a), Math.min(reach, fresh.length - b)];
}

/** Changes so near to each other that their surroundings touch are told together. */
function hunksOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last !== undefined && change.at - (last.at + last.gone) <= 2 * around) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}
