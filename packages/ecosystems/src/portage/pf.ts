import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { database, splitName } from "./installed.ts";

/** The full name of an installed package, where its directory was moved or renamed. */
export const fullName: FileAnalyzer = {
  kind: "file",
  id: "portage/pf",
  revision: 1,
  matches: [{ basename: "PF", inside: database }],
  maxBytes: 4096,
  async *analyze(file) {
    const [, category, entry = ""] = /^var\/db\/pkg\/([^/]+)\/([^/]+)\/PF$/.exec(file.path) ?? [];
    if (category === undefined) return;
    const name = (await file.text()).trim();
    const found = splitName(name);
    if (found === undefined) yield malformedFile(file, `${JSON.stringify(name)} is no name with a version`);
    else
      yield {
        kind: "package",
        package: { name: `${category}/${found.name}`, version: found.version, key: `${category}/${entry}` },
        at: file.path.replace(/PF$/, "CONTENTS"),
      };
  },
};
