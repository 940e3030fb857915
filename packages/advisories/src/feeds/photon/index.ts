import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { fixedIn, jsonFeed, statement } from "../shared/json-feed.ts";

const entry = shape.fields({ cve_id: shape.text, pkg: shape.text, os_version: shape.text, res_ver: shape.text });
const expected = shape.either(entry, shape.list(entry));

/**
 * Photon OS' CVE metadata (https://packages.broadcom.com/photon/photon_cve_metadata/): `cve_data_photon5.0.json` with a list, or one
 * entry per file under `photon/5.0/`.
 */
export const photon: AdvisoryFeed = jsonFeed(
  "photon",
  /(?:^|\/)(?:cve_data_photon\d+\.\d+\.json|photon\/\d+\.\d+\/.+\.json)$/,
  expected,
  read,
);

function* read(value: unknown, document: string): Generator<FeedRecord> {
  const release = /photon\/?(\d+\.\d+)/.exec(document)?.[1];
  for (const entry of Array.isArray(value) ? value : [value]) yield readEntry(entry, release, document);
}

function readEntry(value: unknown, release: string | undefined, document: string): FeedRecord {
  const entry = record(value);
  const cve = textField(entry, "cve_id");
  const name = textField(entry, "pkg");
  const version = textField(entry, "os_version") ?? release;
  if (cve === undefined || name === undefined || version === undefined || !isCve(cve)) {
    return malformed(document, "an entry without CVE, package or release");
  }
  const id = `PHOTON-${cve}`;
  const fixed = textField(entry, "res_ver");
  // "NA": not affected, or not fixed yet; the feed does not tell which.
  if (fixed === undefined || fixed === "NA") return { kind: "skipped", id, reason: "states no fix" };
  return statement("photon", id, [cve], [{ namespace: `Photon OS:${version}`, name, ranges: fixedIn(fixed) }]);
}
