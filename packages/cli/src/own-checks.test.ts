import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerArchive } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { runHere } from "./fixtures/run-here.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-own-checks-"));
const checkOf = (name: string, rule: string): string => `package ${name}\nimport rego.v1\n${rule}\n`;
const files = {
  "policies/words.rego": checkOf("user.words", 'deny contains msg if {\n  input.kind == "Pod"\n  msg := data.said\n}'),
  "policies/other.rego": checkOf("other.words", 'deny contains "other" if true'),
  "policies/broken.rego": checkOf("user.broken", "deny contains x if { y == 1 }"),
  "data/words.yaml": "said: hello\n",
  "tree/app/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n",
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}
writeFileSync(
  join(root, "image.tar"),
  await dockerArchive({
    name: "app",
    layers: [{ "app/pod.yaml": files["tree/app/pod.yaml"] }],
  }),
);
const named = ["--config-check", join(root, "policies"), "--config-data", join(root, "data")];
const scanned = ["--scanners", "misconfig", "--offline", "--format", "json"];

interface Reported {
  readonly misconfigurations: readonly {
    readonly id: string;
    readonly engine: string;
    readonly message: string;
    readonly location: { readonly path: string; readonly layer?: { readonly index: number } };
  }[];
}

test.each([
  ["fs", [join(root, "tree")]],
  ["rootfs", [join(root, "tree")]],
  ["image", ["--input", join(root, "image.tar")]],
])("%s runs the checks that are named, with their data, beside ours", async (command, target) => {
  const { code, stdout, stderr } = await runHere([
    command,
    ...target,
    ...scanned,
    ...named,
    "--check-namespaces",
    "user",
  ]);
  const { misconfigurations } = JSON.parse(stdout) as Reported;
  const own = misconfigurations.filter(({ engine }) => engine === "rego");

  expect(code).toBe(0);
  expect(own).toMatchObject([{ id: "user.words", message: "hello", location: { path: "app/pod.yaml" } }]);
  // In an image it is told which layer the file is from.
  expect(own[0]?.location.layer?.index).toBe(command === "image" ? 0 : undefined);
  expect(misconfigurations.some(({ engine }) => engine === "checks")).toBe(true);
  expect(stderr).toContain("broken.rego");
});

test.each([
  [["--config-data", "x"], "--config-data needs --config-check"],
  [["--check-namespaces", "x"], "--check-namespaces needs --config-check"],
  [["--config-file-schemas", "x"], "--config-file-schemas needs --config-check"],
  [["--config-check", join(root, "policies"), "--scanners", "vuln"], "--config-check needs --scanners misconfig"],
])("%j alone is refused", async (args, message) => {
  const { code, stderr } = await runHere(["fs", join(root, "tree"), "--offline", ...args]);

  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test.each([
  ["@acme/checks", { type: "module", exports: "./checks.js" }],
  ["import-only", { type: "module", exports: { ".": { import: { default: "./checks.js" } } } }],
  ["with-main", { type: "module", main: "checks.js" }],
])(
  "checks are taken from the package %s, as a program in the working directory would import it",
  async (name, manifest) => {
    const home = join(root, "project/node_modules", name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), JSON.stringify({ name, ...manifest }));
    writeFileSync(
      join(home, "checks.js"),
      'export const checks = [{ id: "OWN-1", aliases: [], title: "t", severity: "LOW", description: "", remediation: "", references: [], subject: "kubernetes", evaluate: () => [{ message: "m" }] }];\n',
    );
    const before = process.cwd();
    process.chdir(join(root, "project"));
    try {
      const { stdout } = await runHere(["fs", join(root, "tree"), ...scanned, "--config-check", name]);
      const { misconfigurations } = JSON.parse(stdout) as Reported;

      expect(misconfigurations.map(({ id }) => id)).toContain("OWN-1");
    } finally {
      process.chdir(before);
    }
  },
);
