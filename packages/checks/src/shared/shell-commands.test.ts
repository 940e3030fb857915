import fc from "fast-check";
import { expect, test } from "vitest";
import { commandsOutsideOfSubshells, shellCommands, writtenCommands } from "./shell-commands.ts";

test.each<[string, string[][]]>([
  [
    "apt update && apt install curl",
    [
      ["apt", "update"],
      ["apt", "install", "curl"],
    ],
  ],
  ["a;b | c || d & e", [["a"], ["b"], ["c"], ["d"], ["e"]]],
  ["", []],
  ["a \\\n b", [["a", "b"]]],
  ["echo 'a && b' \"c; d\"", [["echo", "'a && b'", '"c; d"']]],
  ["X=1 Y=2 run $X", [["run", "$X"]]],
  ["X=1", []],
  ["run >/dev/null 2>&1 <in", [["run"]]],
  ["run &> log", [["run"]]],
  ["if test -f a; then b; else c; fi", [["test", "-f", "a"], ["b"], ["c"]]],
  ["for x in a b; do run $x; done", [["run", "$x"]]],
  ['case "$x" in a) b;; esac; c', [["b"], ["c"]]],
  ["case x in a|sudo) b;; (c) d & e;; *) f;& esac && g h", [["b"], ["d"], ["e"], ["f"], ["g", "h"]]],
  ["case x\nin\n  a)\n    b\n    ;;\n  c)\n    d\nesac\ne", [["b"], ["d"], ["e"]]],
  ["case x in a) case y in b) c;; esac; d;; e) f;; esac; g", [["c"], ["d"], ["f"], ["g"]]],
  ["case x in a) for y in b c; do d; done;; e) f;; esac; g", [["d"], ["f"], ["g"]]],
  ["case $(a) in b) c;; esac; d", [["a"], ["c"], ["d"]]],
  ["echo case; esac; in", [["echo", "case"], ["in"]]],
  ["while read l; do run; done", [["read", "l"], ["run"]]],
  ["(cd /a && make) && b", [["cd", "/a"], ["make"], ["b"]]],
  ["{ a; b; }", [["a"], ["b"]]],
  ["run $(inner x) `other`", [["run", "$(inner x)", "`other`"], ["inner", "x"], ["other"]]],
  [
    'run "$(inner "x y")"',
    [
      ["run", '"$(inner "x y")"'],
      ["inner", '"x y"'],
    ],
  ],
  ["a # note && b\nc", [["a"], ["c"]]],
  ["echo $((1 + 2)) ${x:-y z}", [["echo", "$((1 + 2))", "${x:-y z}"]]],
])("%j", (script, commands) => {
  expect(shellCommands(script)).toEqual(commands);
});

test.each([
  ["(cd a && b) && cd c; (cd d)", [["cd", "c"]]],
  [
    'x=$(cd a; b) && echo "$(cd c)" && cd d',
    [
      ["echo", '"$(cd c)"'],
      ["cd", "d"],
    ],
  ],
  [
    "echo 'user ALL=(ALL)' \"(\" > f && cd a",
    [
      ["echo", "'user ALL=(ALL)'", '"("'],
      ["cd", "a"],
    ],
  ],
  ["case x in a) cd b;; esac", [["cd", "b"]]],
])("outside of subshells: %j", (script, commands) => {
  expect(commandsOutsideOfSubshells(script).map((words) => [...words])).toEqual(commands);
});

test.each([
  ["sh -c 'a b && c'", ["a", "c"]],
  ['/bin/bash -euxo pipefail -c "a \\"b\\"; sh -c \'c\'"', ["a", "sh", "c"]],
  ["bash -lc a", ["a"]],
  ["bash run.sh -c a", []],
  ["bash -c", []],
  ["bash --norc -c 'a'", ["a"]],
])("what a shell is given is run, and is not part of the shell that gives it: %j", (script, inner) => {
  expect(
    shellCommands(script)
      .slice(1)
      .map(([program]) => program),
  ).toEqual(inner);
  expect(writtenCommands(script)).toHaveLength(1);
  expect(commandsOutsideOfSubshells(script)).toHaveLength(1);
});

test("any text gives commands, in linear time", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z "'`$(){};&|<>\\\n#=]{0,60}$/), (script) => {
      for (const words of shellCommands(script)) expect(words.length).toBeGreaterThan(0);
    }),
  );
  const many = 100_000;
  for (const script of [
    "a && ".repeat(many),
    "$(".repeat(200),
    `"${"\\".repeat(many)}`,
    "(".repeat(many),
    "'a' ".repeat(many),
  ])
    expect(shellCommands(script).length).toBeLessThanOrEqual(many);
});
