import { knownExposures } from "./knowledge.ts";

/** An exposure that was found or predicted. */
export interface Exposure {
  /** `KHV…` of kube-hunter's knowledge base, `PLM…` of our own. */
  readonly id: string;
  /** A name that is more specific than the title of the id. */
  readonly name: string;
  readonly title: string;
  readonly category: string;
  readonly severity: "HIGH" | "MEDIUM" | "LOW";
  readonly description: string;
  readonly remediation: string;
  /** `host:port`, or the file or object that a prediction is made from. */
  readonly location: string;
  /** The evidence for it; never a secret. */
  readonly evidence: string;
  /** The probe that found it. */
  readonly probe: string;
}

/** A service that was recognised. */
export interface ServiceFound {
  readonly service: string;
  readonly location: string;
  readonly protocol?: "http" | "https";
  /** Path of the service on the port, for dashboards behind `kubectl proxy`. */
  readonly path?: string;
  /** For a kubelet: whether it accepts requests without a credential; `authenticated`: whether it asks for one. */
  readonly anonymous?: boolean;
  readonly authenticated?: boolean;
}

/** Makes an exposure by its id in the knowledge base. */
export function exposure(
  id: string,
  found: { name?: string; location: string; evidence: string; probe: string },
): Exposure {
  const known = knownExposures.get(id);
  if (known === undefined) throw new TypeError(`no exposure has the id ${id}`);
  return { ...known, ...found, name: found.name ?? known.title };
}

const longest = 200;

/** The beginning of a text, without control characters. */
export function excerpt(text: string): string {
  const clean = text
    .slice(0, longest * 2)
    .replace(/[\u0000-\u001f\u007f]+/g, " ")
    .trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
