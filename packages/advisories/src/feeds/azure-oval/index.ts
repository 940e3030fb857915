import { decompress, FormatError, xmlChild, xmlChildren, xmlText } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, AffectedRange, CallOptions, FeedDocument, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { xmlElements } from "../shared/xml-elements.ts";

/**
 * Azure Linux' vulnerabilities as OVAL, https://github.com/microsoft/AzureLinuxVulnerabilityData: `azurelinux-3.0-oval.xml`, and
 * `cbl-mariner-2.0-oval.xml` of the releases before its name changed.
 */
export const azureOval: AdvisoryFeed = { id: "azure-oval", accepts: (name) => releaseOf(name) !== undefined, parse };

function releaseOf(name: string): string | undefined {
  return /(?:^|\/)(?:azurelinux|cbl-mariner)-(\d+)\.\d+(?:-preview)?-oval(?:-preview)?\.xml(?:\.(?:gz|bz2|xz|zst))?$/.exec(
    name,
  )?.[1];
}

interface Definition {
  readonly id: string;
  readonly cve: string;
  readonly tests: readonly string[];
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly severity?: string | undefined;
  readonly url?: string | undefined;
}

/** What definitions refer to, by id. Tests, objects and states stand behind the definitions, so all are kept. */
interface Referred {
  readonly definitions: Definition[];
  readonly tests: Map<string, { readonly object: string; readonly state: string }>;
  readonly objects: Map<string, string>;
  readonly states: Map<string, { readonly version: string; readonly operation: string }>;
}

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  const release = releaseOf(document.name);
  if (release === undefined) return;
  const referred: Referred = { definitions: [], tests: new Map(), objects: new Map(), states: new Map() };
  const names = ["definition", "rpminfo_test", "rpminfo_object", "rpminfo_state"];
  try {
    for await (const found of xmlElements(decompress(document.content), names)) {
      options.signal?.throwIfAborted();
      if ("problem" in found) yield malformed(document.name, found.problem);
      else collect(found.element, referred);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
  if (referred.definitions.length === 0) yield malformed(document.name, "there are no vulnerabilities in it");
  for (const definition of referred.definitions)
    yield* toRecords(definition, referred, `Azure Linux:${release}`, document.name);
}

function collect(element: XmlElement, { definitions, tests, objects, states }: Referred): void {
  const id = element.attributes.get("id") ?? "";
  switch (element.name) {
    case "definition": {
      const metadata = xmlChild(element, "metadata");
      const reference = xmlChild(metadata, "reference")?.attributes;
      definitions.push({
        id,
        cve: reference?.get("ref_id") ?? "",
        tests: xmlChildren(xmlChild(element, "criteria"), "criterion").map(
          ({ attributes }) => attributes.get("test_ref") ?? "",
        ),
        title: xmlText(metadata, "title"),
        description: xmlText(metadata, "description"),
        severity: xmlText(metadata, "severity"),
        url: reference?.get("ref_url"),
      });
      break;
    }
    case "rpminfo_test":
      tests.set(id, {
        object: xmlChild(element, "object")?.attributes.get("object_ref") ?? "",
        state: xmlChild(element, "state")?.attributes.get("state_ref") ?? "",
      });
      break;
    case "rpminfo_object":
      objects.set(id, xmlText(element, "name") ?? "");
      break;
    default: {
      const evr = xmlChild(element, "evr");
      states.set(id, { version: evr?.text.trim() ?? "", operation: evr?.attributes.get("operation") ?? "" });
    }
  }
}

function* toRecords(
  { id, cve, tests, title, description, severity, url }: Definition,
  referred: Referred,
  namespace: string,
  document: string,
): Generator<FeedRecord> {
  const source = "azure-oval";
  if (!isCve(cve)) {
    yield { kind: "skipped", id, reason: "names no CVE", source };
    return;
  }
  const advisory = `AZL-${cve}`;
  const affected = tests.flatMap((reference) => {
    const test = referred.tests.get(reference);
    const name = referred.objects.get(test?.object ?? "");
    const state = referred.states.get(test?.state ?? "");
    const range = state === undefined ? undefined : rangeOf(state.version, state.operation);
    return name === undefined || name === "" || range === undefined
      ? []
      : [{ advisory, namespace, name, ranges: [range] }];
  });
  if (affected.length < tests.length || affected.length === 0) {
    yield malformed(`${document}#${id}`, "a test, object or state that it refers to is missing or not understood");
  }
  if (affected.length === 0) {
    yield { kind: "skipped", id, reason: "unreadable", source };
    return;
  }
  const rating = severity === undefined ? [] : [{ system: "rating" as const, value: severity, source: "azure" }];
  yield {
    kind: "advisory",
    // A CVE has a definition for each package it is in.
    partial: true,
    advisory: {
      id: advisory,
      source,
      aliases: [],
      upstream: [cve],
      ...(title === undefined ? {} : { summary: title }),
      ...(description === undefined ? {} : { details: description }),
      severities: [],
      references: url === undefined ? [] : [url],
      affected: affected.map((each) => (rating.length === 0 ? each : { ...each, severities: rating })),
    },
  };
}

/** Below a version: there is a fix. Up to and including one: there is none yet. */
function rangeOf(evr: string, operation: string): AffectedRange | undefined {
  const version = evr.replace(/^0:/, "");
  if (version === "") return undefined;
  if (operation === "less than") return { introduced: "0", end: { kind: "fixed", version } };
  return operation === "less than or equal" ? { introduced: "0", end: { kind: "last-affected", version } } : undefined;
}
