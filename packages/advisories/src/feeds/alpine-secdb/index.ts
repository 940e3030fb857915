import { field, record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { fixedIn, jsonFeed, statement } from "../shared/json-feed.ts";
import { objectField, objectsField, textsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const secfixes = { name: shape.text, secfixes: shape.entries(shape.list(shape.text)) };
const expected = shape.fields({
  ...secfixes,
  distroversion: shape.text,
  urlprefix: shape.text,
  packages: shape.list(shape.fields({ pkg: shape.fields(secfixes) })),
});

/**
 * The security database of Alpine (https://secdb.alpinelinux.org/, `v3.20/main.json`) and of distributions that publish in its
 * format: Wolfi, Chainguard, MinimOS (`security.json`). It states fixes only; what has none is not in it.
 */
export const alpineSecdb: AdvisoryFeed = jsonFeed(
  "alpine-secdb",
  /(?:^|\/)(?:(?:v\d+\.\d+|edge)\/(?:main|community)\.json|(?:alpine|wolfi|chainguard|minimos)\/(?:.+\/)?[^/]+\.json)$/,
  expected,
  read,
);

/** Where packages are downloaded from tells the distribution. */
const hosts: ReadonlyMap<string, string> = new Map([
  ["packages.cgr.dev", "Chainguard"],
  ["packages.mini.dev", "MinimOS"],
  ["packages.wolfi.dev", "Wolfi"],
]);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const document = record(value);
  const namespace = document === undefined ? undefined : namespaceOf(document);
  if (document === undefined || namespace === undefined) {
    yield malformed(name, "no security database of a known distribution");
    return;
  }
  // One package per file is how some mirrors split it.
  const packages =
    field(document, "packages") === undefined
      ? [document]
      : objectsField(document, "packages")
          .map((each) => objectField(each, "pkg"))
          .filter((each) => each !== undefined);
  for (const pkg of packages) yield* readPackage(pkg, namespace, name);
}

function namespaceOf(document: JsonObject): string | undefined {
  const version = textField(document, "distroversion");
  if (version !== undefined) return /^(?:v\d+\.\d+|edge)$/.test(version) ? `Alpine:${version}` : undefined;
  const host = /^https?:\/\/([^/]+)/.exec(textField(document, "urlprefix") ?? "")?.[1];
  return host === undefined ? undefined : hosts.get(host);
}

function* readPackage(pkg: JsonObject, namespace: string, document: string): Generator<FeedRecord> {
  const name = textField(pkg, "name");
  const fixes = objectField(pkg, "secfixes");
  if (name === undefined || fixes === undefined) {
    yield malformed(document, "a package without name or fixes");
    return;
  }
  const prefix = namespace.split(":")[0]?.toUpperCase() ?? namespace;
  const source = `alpine-secdb/${namespace}`;
  for (const version of Object.keys(fixes)) {
    if (!Array.isArray(field(fixes, version))) {
      yield malformed(document, `what ${version} of ${name} fixes is no list`);
      continue;
    }
    for (const listed of textsField(fixes, version)) {
      // One entry may name several ids: "CVE-2019-14697 (+ GHSA-…)", "CVE-2018-20839 CVE-2018-20840".
      const ids = listed.split(/[\s()+,]+/);
      const cves = ids.filter(isCve);
      // Flaws without a CVE go by GitHub's id; beside one that id is of the same flaw.
      const names = cves.length > 0 ? cves : ids.filter((each) => /^GHSA(?:-[0-9a-z]{4}){3}$/i.test(each));
      if (names.length === 0) yield { kind: "skipped", id: listed, reason: "names no CVE", source };
      for (const cve of names) {
        const id = `${prefix}-${cve}`;
        // Fixed in "0": the distribution never was affected.
        if (version === "0") yield { kind: "skipped", id, reason: "not affected", source };
        else yield statement(source, id, [cve], [{ namespace, name, ranges: fixedIn(version) }]);
      }
    }
  }
}
