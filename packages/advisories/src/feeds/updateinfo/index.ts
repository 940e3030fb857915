import { decompress, FormatError, parseXml, xmlChild, xmlChildren, xmlText } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { Advisory, AdvisoryFeed, AffectedPackage, CallOptions, FeedDocument, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { textsOf } from "../shared/untrusted-json.ts";
import { splitUpdates } from "./split-updates.ts";

/**
 * `updateinfo.xml`, plain or compressed, as package repositories carry it: the source for Amazon Linux, Oracle Linux and Fedora, of
 * which OSV knows nothing, and for Bottlerocket. The folder names the distribution and its release: `amazon/2023/updateinfo.xml.gz`, `oracle/9/baseos-updateinfo.xml`.
 * Format: https://github.com/openSUSE/libsolv, ext/repo_updateinfoxml.c.
 */
export const updateinfo: AdvisoryFeed = {
  id: "updateinfo",
  accepts: (name) => namespaceOf(name) !== undefined,
  parse,
};

const distributions: ReadonlyMap<string, string> = new Map([
  ["alma", "AlmaLinux"],
  ["amazon", "Amazon Linux"],
  ["fedora", "Fedora"],
  ["oracle", "Oracle Linux"],
  ["rocky", "Rocky Linux"],
]);

function namespaceOf(name: string): string | undefined {
  // Without releases: https://advisories.bottlerocket.aws/updateinfo.xml.gz.
  if (/(?:^|\/)bottlerocket\/updateinfo\.xml(?:\.(?:gz|bz2|xz|zst))?$/.test(name)) return "Bottlerocket";
  const [, distribution = "", release = ""] =
    /(?:^|\/)([a-z]+)\/(\d+)\/(?:[^/]+\/)*[^/]*updateinfo[^/]*\.xml(?:\.(?:gz|bz2|xz|zst))?$/.exec(name) ?? [];
  const base = distributions.get(distribution);
  return base === undefined ? undefined : `${base}:${release}`;
}

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  const namespace = namespaceOf(document.name);
  if (namespace === undefined) return;
  let updates = 0;
  try {
    for await (const text of splitUpdates(decompress(document.content))) {
      options.signal?.throwIfAborted();
      updates++;
      yield* readText(text, namespace, `${document.name}#${updates}`);
    }
    if (updates === 0) yield malformed(document.name, "there are no updates in it");
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
}

function* readText(text: string, namespace: string, path: string): Generator<FeedRecord> {
  const source = `updateinfo/${namespace}`;
  let problem: unknown;
  try {
    const document = parseXml(text);
    problem = document.problem;
    if (problem === undefined) yield readUpdate(document.root, namespace, source, path);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problem = error;
  }
  if (problem === undefined) return;
  yield malformed(path, problem);
  yield { kind: "skipped", id: path, reason: "unreadable", source };
}

function readUpdate(update: XmlElement, namespace: string, source: string, path: string): FeedRecord {
  const id = xmlText(update, "id");
  if (id === undefined) return { kind: "skipped", id: path, reason: "unreadable", source };
  if (update.attributes.get("type") !== "security")
    return { kind: "skipped", id, reason: "no security update", source };
  const affected = readPackages(update, id, namespace);
  if (affected.length === 0) return { kind: "skipped", id, reason: "no affected packages", source };
  const references = xmlChildren(xmlChild(update, "references"), "reference");
  const summary = xmlText(update, "title");
  const details = xmlText(update, "description");
  const rating = xmlText(update, "severity");
  const published = timeOf(xmlChild(update, "issued")?.attributes.get("date"));
  const modified = timeOf(xmlChild(update, "updated")?.attributes.get("date"));
  const advisory: Advisory = {
    id,
    source,
    aliases: [],
    upstream: textsOf(references.map((reference) => reference.attributes.get("id"))).filter(isCve),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    severities:
      rating === undefined || /^none$/i.test(rating)
        ? []
        : [{ system: "rating", value: rating, source: raterOf(namespace) }],
    references: textsOf(references.map((reference) => reference.attributes.get("href"))),
    affected,
  };
  // One advisory may be spread over the repositories of a release.
  return { kind: "advisory", advisory, partial: true };
}

const columns = ["name", "version", "release", "epoch", "arch"] as const;

/** Reads the packages of all collections. A package and version has one entry for all its architectures. */
function readPackages(update: XmlElement, advisory: string, namespace: string): readonly AffectedPackage[] {
  const found = new Map<string, { readonly entry: AffectedPackage; readonly arches: Set<string> }>();
  for (const collection of xmlChildren(xmlChild(update, "pkglist"), "collection")) {
    const module = moduleOf(xmlChild(collection, "module"));
    for (const { attributes } of xmlChildren(collection, "package")) {
      const [name = "", version = "", release = "", epoch = "0", arch = ""] = columns.map((each) =>
        attributes.get(each),
      );
      if (name === "" || version === "" || arch === "src") continue;
      const fixed = `${epoch === "0" || epoch === "" ? "" : `${epoch}:`}${version}${release === "" ? "" : `-${release}`}`;
      const key = JSON.stringify([name, fixed, module]);
      const known = found.get(key) ?? {
        entry: {
          advisory,
          namespace,
          name,
          ranges: [{ introduced: "0", end: { kind: "fixed", version: fixed } }],
          ...(module === undefined ? {} : { qualifiers: { modules: [module] } }),
        },
        arches: new Set<string>(),
      };
      if (arch !== "") known.arches.add(arch);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ entry, arches }) =>
    arches.size === 0 ? entry : { ...entry, qualifiers: { ...entry.qualifiers, arch: [...arches].sort() } },
  );
}

function moduleOf(module: XmlElement | undefined): string | undefined {
  const name = module?.attributes.get("name");
  return name === undefined ? undefined : `${name}:${module?.attributes.get("stream") ?? ""}`;
}

function raterOf(namespace: string): string {
  return (namespace.split(/[ :]/)[0] ?? namespace).toLowerCase();
}

/** The time as RFC 3339, from `2024-01-31 00:18:01` or `2024-01-31`, which are in UTC. */
function timeOf(text: string | undefined): string | undefined {
  const [, day, time = "00:00:00"] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(text ?? "") ?? [];
  return day === undefined ? undefined : `${day}T${time}Z`;
}
