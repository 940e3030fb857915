import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, ownValue, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { hashesOf } from "./integrity.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const placeShape = shape.fields({
  npm: shape.entries(shape.anything),
  packages: shape.fields({ npm: shape.entries(shape.anything) }),
});
const packagesShape = shape.entries(
  shape.fields({
    integrity: shape.text,
    dependencies: shape.either(shape.list(shape.text), shape.entries(shape.text)),
  }),
);

/** npm packages of `deno.lock`, versions 2 to 5 (https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files). */
export const denoLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "npm/deno-lock",
    revision: 4,
    evidence: "declared",
    matches: [{ basename: "deno.lock" }],
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file) {
      const text = await file.text();
      const read = await readValueStepsOrReport(file, text, "json", jsonDocumentSteps);
      if ("problem" in read) return yield read.problem;
      const { value, lineOf } = read.value;
      if (!isRecord(value)) return yield malformedFile(file, "not an object");
      // Version 3 had `packages.npm`, version 2 `npm.packages`.
      const own = ownValue(value, "npm") ?? ownValue(ownValue(value, "packages"), "npm");
      const packages = ownValue(own, "packages") ?? own;
      yield* reportWrongParts(file, value, placeShape);
      yield* reportWrongParts(file, packages, packagesShape, lineOf);
      const keys = new Map<string, string>();
      for (const [key] of entriesOf(packages)) {
        const name = /^(@?[^@]+)@/.exec(key)?.[1];
        // A need without a version has but one entry to mean.
        if (name !== undefined && !keys.has(name)) keys.set(name, key);
        keys.set(key, key);
      }
      for (const [key, entry] of entriesOf(packages)) {
        // What peers a package was resolved with follows after an underscore.
        const [, name, version] = /^(@?[^@]+)@(\d[^_@]*)(?:_.*)?$/.exec(key) ?? [];
        if (name === undefined || version === undefined) continue;
        const hashes = hashesOf(textOf(ownValue(entry, "integrity")));
        const line = lineOf(entry);
        // A list since version 4, `name@version` by name before.
        const needs = ownValue(entry, "dependencies");
        const dependsOn = (
          Array.isArray(needs) ? textsOf(needs) : entriesOf(needs).flatMap(([, need]) => textOf(need) ?? [])
        ).flatMap((need) => keys.get(need) ?? []);
        yield {
          kind: "package",
          package: {
            name,
            version,
            key,
            ...(dependsOn.length === 0 ? {} : { dependsOn }),
            ...(hashes === undefined ? {} : { hashes }),
          },
          ...(line === undefined ? {} : { line }),
        };
      }
    },
  },
  /"version"\s*:\s*"\d/,
);
