import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";

/** RFC 3339 date and time, the offset required. */
const instantShape = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

interface Instant {
  /** Seconds since 1970. */
  readonly seconds: number;
  /** Digits after the point, without trailing zeros. */
  readonly fraction: string;
}

/** Points in time, for packages that are versioned by date. */
export const datetimeVersions: VersionScheme = defineVersionScheme<Instant>({
  id: "datetime",
  parse(text) {
    const match = instantShape.exec(text);
    if (match === null) return undefined;
    const [, year, month, day, hour, minute, second, fraction = "", zone = ""] = match;
    const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`);
    if (Number.isNaN(milliseconds)) return undefined;
    return { seconds: milliseconds / 1000, fraction: withoutTrailingZeros(fraction) };
  },
  compare: (a, b) => a.seconds - b.seconds || compareText(a.fraction, b.fraction),
});

/** Text by code point: for schemes that promise nothing else. */
export const lexicographicVersions: VersionScheme = defineVersionScheme<string>({
  id: "lexicographic",
  parse: (text) => (text === "" ? undefined : text),
  compare: compareCodePoints,
});

/** Numbers of Windows updates: they are the same or not; their order means nothing. */
export const kbVersions: VersionScheme = defineVersionScheme<string>({
  id: "kb",
  parse: (text) => (text === "" ? undefined : text.replace(/^KB/i, "")),
  compare: compareText,
});

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
  return digits.slice(0, end);
}

/** Code units put characters beyond U+FFFF before U+E000; code points do not. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
