/** When a rule expires. */
export interface Expiry {
  /** As written. */
  readonly text: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

const dateOrTime = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)([Zz]|[+-]\d\d:?\d\d)?)?$/;

/**
 * Reads when a rule expires: a date, at whose beginning in UTC it expires, or an RFC 3339 time. Undefined: `value` is absent.
 * `unreadable`: it is something else; a rule with such an expiry must not be applied.
 */
export function readExpiry(value: unknown): Expiry | "unreadable" | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value instanceof Date) {
    const at = value.getTime();
    return Number.isNaN(at) ? "unreadable" : { text: value.toISOString().replace("T00:00:00.000Z", ""), at };
  }
  const parts = typeof value === "string" ? dateOrTime.exec(value.trim()) : null;
  if (parts === null) return "unreadable";
  const [text, day = "", time, zone] = parts;
  const at = Date.parse(time === undefined ? day : `${day}T${time}${zone ?? "Z"}`);
  // The engine moves 30 February to 2 March.
  return Number.isNaN(at) || !new Date(day).toISOString().startsWith(day) ? "unreadable" : { text, at };
}

/** The moment that rules are judged at. */
export type Now = string | Date;

/** Milliseconds since 1970 of a given moment; undefined when none is given or it cannot be read. */
export function momentOf(now: Now | undefined): number | undefined {
  const expiry = readExpiry(now);
  return typeof expiry === "object" ? expiry.at : undefined;
}
