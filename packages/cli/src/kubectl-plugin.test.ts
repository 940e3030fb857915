import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// kubectl runs the program `kubectl-resolve_tags` for `kubectl resolve-tags`.

const plugin = fileURLToPath(new URL("../../plimsoll/bin/kubectl-resolve_tags.js", import.meta.url));
const program = fileURLToPath(new URL("../../plimsoll/dist/program/main.js", import.meta.url));
const absent = !existsSync(program);
if (absent) console.warn("the program is not bundled: the plugin of kubectl is not tried");

test.skipIf(absent)("kubectl's plugin resolves tags, and leaves what has a digest as it was, byte for byte", () => {
  const manifest = `# kept\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: 'registry.example/app@sha256:${"a".repeat(64)}' # pinned\n`;

  const { stdout, status } = spawnSync(process.execPath, [plugin, "-f", "-"], { input: manifest, encoding: "utf8" });

  expect([status, stdout]).toEqual([0, manifest]);
});
