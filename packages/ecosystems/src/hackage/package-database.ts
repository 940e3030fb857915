import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/**
 * `*.conf` in a package database of GHC, one for each library that was installed
 * (https://downloads.haskell.org/ghc/latest/docs/users_guide/packages.html#installedpackageinfo-a-package-specification).
 */
export const ghcPackages: FileAnalyzer = {
  kind: "file",
  id: "hackage/package-database",
  revision: 1,
  matches: [{ suffix: ".conf" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    if (!/(?:^|\/)package\.(?:conf\.d|db)\/[^/]+\.conf$/.test(file.path)) return;
    const fields = fieldsOf(await file.text());
    const [name, version] = [fields.get("name"), fields.get("version")];
    if (name === undefined || version === undefined) return yield malformedFile(file, "states no name or no version");
    // A part of another package, which has an entry of its own.
    if (fields.has("lib-name")) return;
    const license = fields.get("license");
    const dependsOn = (fields.get("depends") ?? "").split(/\s+/).flatMap((id) => nameInId(id) ?? []);
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(license === undefined ? {} : { licenses: [license] }),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
      },
    };
  },
};

/** `name: value`, values going on in indented lines. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^([A-Za-z][A-Za-z-]{0,63}):\s*(.*)$/s.exec(line) ?? [];
    if (name !== undefined) fields.set(name.toLowerCase(), (current = [value.trim()]));
    else if (/^\s/.test(line)) current?.push(line.trim());
  }
  return new Map(
    [...fields].flatMap(([name, parts]) => {
      const value = parts.join(" ").trim();
      return value === "" ? [] : [[name, value] as const];
    }),
  );
}

/** `text-1.2.5.0-8kHv` and `base-4.15.1.0` are those packages; the rest of an id tells builds apart. */
function nameInId(id: string): string | undefined {
  return id.length > 256 ? undefined : /^([A-Za-z0-9-]*[A-Za-z][A-Za-z0-9]*)-\d[\d.]*(?:-|$)/.exec(id)?.[1];
}
