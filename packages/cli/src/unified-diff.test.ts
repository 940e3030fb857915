import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

test("nothing is told of equal texts, and a change with what stands around it", () => {
  expect(unifiedDiff("a.yaml", "x\ny\n", "x\ny\n")).toBe("");
  expect(unifiedDiff("a.yaml", "1\n2\n3\n4\n5\n", "1\n2\n3\nnew\n4\n5")).toBe(
    "--- a.yaml\n+++ a.yaml\n@@ -1,5 +1,6 @@\n 1\n 2\n 3\n+new\n 4\n-5\n+5\n\\ No newline at end of file\n",
  );
});

test("a diff makes the one text of the other", () => {
  const texts = fc
    .array(fc.constantFrom("a\n", "b\n", "c\n", "d\n"), { maxLength: 30 })
    .chain((lines) => fc.constantFrom(lines.join(""), `${lines.join("")}end`));
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const diff = unifiedDiff("x", before, after);
      expect(diff === "" ? before : patched(before, diff)).toBe(after);
    }),
  );
});

/** What `patch` makes of a text. */
function patched(text: string, diff: string): string {
  const old = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const parts: string[] = [];
  let at = 0;
  let sign: string | undefined;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, start = "0", length = "0"] = /^@@ -(\d+),(\d+) /.exec(hunk) ?? [];
    const first = length === "0" ? Number(start) : Number(start) - 1;
    parts.push(...old.slice(at, first));
    at = first;
    for (const line of hunk.slice(hunk.indexOf("\n") + 1).match(/[^\n]*\n/g) ?? []) {
      if (line.startsWith("\\")) {
        if (sign === "+") parts.push((parts.pop() ?? "").replace(/\n$/, ""));
      } else if (line.startsWith("+")) parts.push(line.slice(1));
      else {
        if (line.startsWith(" ")) parts.push(old[at] ?? "");
        expect((old[at] ?? "").replace(/\n$/, "")).toBe(line.slice(1, -1));
        at += 1;
      }
      sign = line[0];
    }
  }
  return [...parts, ...old.slice(at)].join("");
}
