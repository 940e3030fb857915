import { applicationCpe, formatPurl, xmlSteps, xmlText } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** Where Joomla installs manifests (manual.joomla.org, "Manifest files"), by kinds of extensions. */
const places: readonly RegExp[] = [
  /(?:^|\/)administrator\/components\/com_([\w-]+)\/[\w.-]+\.xml$/,
  /(?:^|\/)modules\/mod_([\w-]+)\/mod_[\w-]+\.xml$/,
  /(?:^|\/)plugins\/[\w-]+\/([\w-]+)\/[\w-]+\.xml$/,
  /(?:^|\/)templates\/([\w-]+)\/templateDetails\.xml$/,
  /(?:^|\/)administrator\/manifests\/(?:files|packages|libraries)\/(?:[\w-]+\/)?([\w-]+)\.xml$/,
];

/** Extensions that come with Joomla are its own, whatever version their manifests have. */
const ofJoomla = /^joomla!? project$/i;

const manifest: FileAnalyzer = {
  kind: "file",
  id: "joomla/manifest",
  revision: 2,
  matches: [{ suffix: ".xml" }],
  maxBytes: 1024 * 1024,
  async *analyze(file, options): AsyncGenerator<Observation> {
    const place = places.map((pattern) => pattern.exec(file.path)?.[1]).find((name) => name !== undefined);
    // Programs of all kinds keep XML files; those of extensions say so.
    if (place === undefined || !/<(?:extension|install)\b/.test(await file.text())) return;
    yield* parsed(place).analyze(file, options);
  },
};

function parsed(place: string): FileAnalyzer {
  return parsedFile({
    id: "joomla/manifest",
    revision: 2,
    matches: [{ suffix: ".xml" }],
    steps: (text) => xmlSteps(text),
    *read({ root, problem }, file): Generator<Observation> {
      if (problem !== undefined) yield malformedFile(file, problem);
      if (root?.name !== "extension" && root?.name !== "install") return;
      const [version, title, author] = ["version", "name", "author"].map((name) => xmlText(root, name));
      const kind = root.attributes.get("type") ?? "component";
      const isCore = kind === "file" && place === "joomla";
      if (!isCore && ofJoomla.test(author ?? "")) return;
      if (version === undefined) {
        yield {
          ...malformedFile(file, `the extension ${place} states no version`),
          code: "unknown-version",
          effect: "none",
        };
        return;
      }
      const license = xmlText(root, "license");
      yield {
        kind: "package",
        package: {
          name: place,
          version,
          ...(license === undefined || license.length > 200 ? {} : { licenses: [license] }),
          ...(author === undefined ? {} : { supplier: author }),
          ...(isCore ? { cpes: [applicationCpe("joomla", "joomla!", version)] } : {}),
          facts: { kind: isCore ? "core" : kind, ...(title === undefined ? {} : { title }) },
        },
      };
    },
  });
}

/** Joomla and its extensions. No open database has advisories for them. */
export const joomla: Ecosystem = defineEcosystem({
  id: "joomla",
  analyzers: [manifest],
  purl: ({ name, version, facts }) => {
    const kind = facts?.["kind"] ?? "component";
    return formatPurl({ type: kind === "core" ? "generic" : `joomla-${kind}`, name, version });
  },
  lookupGap: ({ cpes = [] }) =>
    cpes.length > 0
      ? undefined
      : { code: "no-advisories", message: "No open database has advisories for extensions of Joomla" },
});
