import type { PurlParts } from "@plimsoll/formats";
import type { Distro } from "@plimsoll/model";
import { field, record, textField, textsField } from "@plimsoll/formats";

/** Names of distributions that scanners write where os-release says otherwise. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["amazon", "amzn"],
  ["amazonlinux", "amzn"],
  ["almalinux", "almalinux"],
  ["alma", "almalinux"],
  ["cbl-mariner", "mariner"],
  ["opensuse.leap", "opensuse-leap"],
  ["opensuse.tumbleweed", "opensuse-tumbleweed"],
  ["oracle", "ol"],
  ["oraclelinux", "ol"],
  ["redhat", "rhel"],
  ["red hat enterprise linux", "rhel"],
  ["rockylinux", "rocky"],
  ["suse linux enterprise server", "sles"],
  ["suse linux enterprise micro", "sle-micro"],
]);

/** The `ID` of os-release for what a document calls a distribution. */
export function distroId(name: string): string {
  const lower = name.trim().toLowerCase();
  return otherNames.get(lower) ?? lower;
}

/** Our own statement of the distribution, as JSON text; undefined when it is not one. */
export function parseDistro(text: string): Distro | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const id = textField(value, "id");
  if (id === undefined) return undefined;
  const texts = ["versionId", "codename", "name", "prettyName", "variantId", "cpeName", "endOfLife"] as const;
  const lists = ["idLike", "channels"] as const;
  const facts = Object.entries(record(field(value, "facts")) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    id,
    ...Object.fromEntries(texts.flatMap((key) => entryOf(key, textField(value, key)))),
    ...Object.fromEntries(
      lists.flatMap((key) => (Array.isArray(field(value, key)) ? [[key, textsField(value, key)]] : [])),
    ),
    ...(facts.length === 0 ? {} : { facts: Object.fromEntries(facts) }),
  };
}

function entryOf(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[key, value]];
}

/** What the `distro` qualifier of a package says: `debian-12`, or `3.19.1` below the namespace `alpine`. */
export function distroOfPurl({ namespace, qualifiers }: PurlParts): Distro | undefined {
  const qualifier = qualifiers?.["distro"];
  if (qualifier === undefined) return undefined;
  const [, name, version] = /^(.*?[^-])-(\d[^-]*|rolling|tumbleweed|sid)$/.exec(qualifier) ?? [];
  if (name !== undefined && version !== undefined) return { id: distroId(name), versionId: version };
  if (/^\d/.test(qualifier) && namespace !== undefined) return { id: distroId(namespace), versionId: qualifier };
  return { id: distroId(qualifier) };
}
