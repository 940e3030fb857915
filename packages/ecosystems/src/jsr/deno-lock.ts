import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { entriesOf, ownValue, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const placeShape = shape.fields({
  jsr: shape.entries(shape.fields({ dependencies: shape.list(shape.text) })),
  specifiers: shape.entries(shape.text),
});

/**
 * Packages of JSR in `deno.lock` (https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files), versions 3 to 5. A file
 * that cannot be read at all is named by the analyzer of npm packages. Its `integrity` is that of a list of files, not of an archive: it is
 * no hash of the package.
 */
export const jsrDenoLock: FileAnalyzer = {
  kind: "file",
  id: "jsr/deno-lock",
  revision: 1,
  evidence: "declared",
  matches: [{ basename: "deno.lock" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    if (!text.includes('"jsr"')) return;
    const read = await readValueStepsOrReport(file, text, "json", jsonDocumentSteps);
    if ("problem" in read) return;
    const { value, lineOf } = read.value;
    // Version 3 had `packages.jsr` and `packages.specifiers`.
    const place = ownValue(value, "jsr") === undefined ? ownValue(value, "packages") : value;
    const packages = ownValue(place, "jsr");
    yield* reportWrongParts(file, place, placeShape, lineOf);
    const specifiers = ownValue(place, "specifiers");
    const keys = new Map<string, string>();
    for (const [key] of entriesOf(packages)) {
      const name = nameAndVersion.exec(key)?.[1];
      // A need without a version has but one entry to mean.
      if (name !== undefined && !keys.has(name)) keys.set(name, key);
      keys.set(key, key);
    }
    for (const [key, entry] of entriesOf(packages)) {
      const [, name, version] = nameAndVersion.exec(key) ?? [];
      if (name === undefined || version === undefined) continue;
      const line = lineOf(entry);
      const dependsOn = textsOf(ownValue(entry, "dependencies")).flatMap((need) => {
        const asked = need.replace(/^jsr:/, "");
        // What a range was resolved to: a version since version 4, the whole of `jsr:name@version` before.
        const found = textOf(ownValue(specifiers, need));
        const taken = found?.startsWith("jsr:") === true ? found.slice(4) : `${asked.replace(/@[^@/]*$/, "")}@${found}`;
        return keys.get(taken) ?? keys.get(asked) ?? [];
      });
      yield {
        kind: "package",
        package: { name, version, key, ...(dependsOn.length === 0 ? {} : { dependsOn }) },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
};

const nameAndVersion = /^(@[^@/]+\/[^@/]+)@(\d[^@]*)$/;
