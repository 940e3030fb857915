import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { packageFormats } from "./reporters.ts";

const folder = new URL(".", import.meta.url);
const source = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const formats = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "shared" && entry.name !== "fixtures")
  .map(({ name }) => name);

test.each(formats)("the folder %s is listed among the reporters or the readers", (name) => {
  const listed = [...source("format-registry.ts").split("\n"), ...source("read-sbom.ts").split("\n")];

  expect(listed.some((line) => /^(?:import|export) /.test(line) && line.includes(`"./${name}/`))).toBe(true);
});

test.each(formats)("the folder %s imports no other format", (name) => {
  const files = readdirSync(new URL(`${name}/`, folder)).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const imported = files.flatMap((file) =>
    [...source(`${name}/${file}`).matchAll(/from "\.\.\/([^/"]+)/g)].map(([, sibling]) => sibling),
  );

  expect(imported.filter((sibling) => sibling !== "shared")).toEqual([]);
});

test("the formats that list packages are the SBOMs: they are written without advisories", () => {
  expect([...packageFormats].sort()).toEqual([
    "cyclonedx",
    "cyclonedx-xml",
    "github",
    "spdx",
    "spdx-json",
    "spdx3-json",
  ]);
});
