import { field, record, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";

/** Kritis' own settings (`KritisConfig`, kritis.grafeas.io/v1beta1). */
export interface KritisConfig {
  readonly name: string;
  /** The service that stores vulnerabilities and attestations. */
  readonly metadataBackend: "grafeas" | "containerAnalysis";
  /** Milliseconds between two background reviews. */
  readonly cronInterval: number;
  /** Where the webhook listens: `:443`. */
  readonly serverAddr: string;
  /** The Grafeas server: `host:port`; absent for Container Analysis. */
  readonly grafeasAddr?: string;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads a KritisConfig. Absent: Container Analysis, a review every hour, port 443.
 * @throws ScanError where the object is no KritisConfig, or has an invalid value.
 */
export function readKritisConfig(object: unknown): KritisConfig {
  const spec = record(field(object, "spec"));
  const wrong = (reason: string): ScanError =>
    new ScanError({ kind: "malformed-document", label: "KritisConfig", reason });
  if (field(object, "kind") !== "KritisConfig" || spec === undefined)
    throw wrong("it is not of kind KritisConfig with spec");
  const metadataBackend = textField(spec, "metadataBackend") ?? "containerAnalysis";
  if (metadataBackend !== "grafeas" && metadataBackend !== "containerAnalysis")
    throw wrong(`metadataBackend: ${JSON.stringify(metadataBackend)} is not grafeas or containerAnalysis`);
  const written = field(spec, "cronInterval");
  const cronInterval = written === undefined || written === "" ? 3_600_000 : duration(written);
  if (cronInterval === undefined || cronInterval <= 0)
    throw wrong(`cronInterval: ${JSON.stringify(written)} is not a duration such as 1h30m`);
  const grafeasAddr = textField(field(spec, "grafeas"), "addr");
  if (metadataBackend === "grafeas" && grafeasAddr === undefined) throw wrong("grafeas.addr is missing");
  return {
    name: textField(field(object, "metadata"), "name") ?? "",
    metadataBackend,
    cronInterval,
    serverAddr: textField(spec, "serverAddr") ?? ":443",
    ...(grafeasAddr === undefined ? {} : { grafeasAddr }),
  };
}

/** A duration as Go writes it: `1h30m`, `90s`, `1.5h`. Kubernetes keeps a number of nanoseconds where somebody wrote one. */
function duration(value: unknown): number | undefined {
  if (typeof value === "number") return value / 1_000_000;
  if (typeof value !== "string" || !/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|h|m|s))+$/.test(value)) return undefined;
  let sum = 0;
  for (const [, amount = "", unit = ""] of value.matchAll(/([\d.]+)(ms|h|m|s)/g))
    sum += Number(amount) * (units[unit] ?? 0);
  return sum;
}
