import { knownExposures } from "./knowledge.ts";

/** Something that an endpoint gives away, or would. */
export interface Exposure {
  /** `KHV…` of kube-hunter's knowledge base, `PLM…` of our own. */
  readonly id: string;
  /** What was seen, more precise than the title of the id. */
  readonly name: string;
  readonly title: string;
  readonly category: string;
  readonly severity: "HIGH" | "MEDIUM" | "LOW";
  readonly description: string;
  readonly remediation: string;
  /** `host:port`, or the file or object that a prediction is made from. */
  readonly location: string;
  /** What it was seen by; never a secret. */
  readonly evidence: string;
  /** Which probe saw it. */
  readonly probe: string;
}

/** A service that was recognised. */
export interface ServiceFound {
  readonly service: string;
  readonly location: string;
  readonly protocol?: "http" | "https";
  /** Behind the port, as `kubectl proxy` serves dashboards. */
  readonly path?: string;
  /** A kubelet: whether requests without a credential are taken, and whether somebody is asked for one. */
  readonly anonymous?: boolean;
  readonly authenticated?: boolean;
}

/** An exposure by its id. */
export function exposure(
  id: string,
  found: { name?: string; location: string; evidence: string; probe: string },
): Exposure {
  const known = knownExposures.get(id);
  if (known === undefined) throw new TypeError(`no exposure has the id ${id}`);
  return { ...known, ...found, name: found.name ?? known.title };
}

const longest = 200;

/** What was seen, cut, without control characters. */
export function excerpt(text: string): string {
  const clean = text
    .slice(0, longest * 2)
    .replace(/[\u0000-\u001f\u007f]+/g, " ")
    .trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
