import { fixStatuses, licenseCategories, parsePlatform, severities } from "@plimsoll/model";
import type { FixStatus, LicenseCategory, Platform, Severity } from "@plimsoll/model";
import { oneOf, UsageError } from "./command-line.ts";

/** Reads severities such as `CRITICAL,HIGH`, in upper or lower case. */
export function severityList(text: string): readonly Severity[] {
  return someOf("--severity", text.toUpperCase(), severities);
}

const unratedModes = ["report", "fail", "ignore"] as const;

/** What findings without a severity do to the exit code. */
export type Unrated = (typeof unratedModes)[number];

/** The help of `--unrated`. */
export const unratedHelp =
  "findings without a severity: report counts those that --severity leaves out; fail makes them lead to --exit-code (or 1); ignore never does (default: report)";

/** Reads `report`, `fail` or `ignore`. */
export function unrated(text: string): Unrated {
  return oneOf("--unrated", text, unratedModes);
}

/** Reads statuses such as `will_not_fix,affected`. */
export function statusList(text: string): readonly FixStatus[] {
  return someOf("--ignore-status", text.toLowerCase(), fixStatuses);
}

/** Reads types of packages: `os,library`. */
export function packageTypeList(text: string): readonly ("os" | "library")[] {
  return someOf("--pkg-types", text.toLowerCase(), ["os", "library"]);
}

/** Reads `distribution` or `both`. */
export function ownedPackages(text: string): "distribution" | "both" {
  return oneOf("--owned-packages", text, ["distribution", "both"]);
}

/** Collects the values of a repeatable option, in order. Unlike a variadic option it never consumes the following argument. */
export function repeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Licences by category, as `scanImage` takes them. */
export type CategoryLists = Readonly<Partial<Record<LicenseCategory, readonly string[]>>>;

/** `forbidden=SSPL-1.0,AGPL-3.0-only,notice=OpenSSL`: a category applies to the names up to the next one; the result is added to `before`. */
export function categoryLists(text: string, before: CategoryLists = {}): CategoryLists {
  const lists: Partial<Record<LicenseCategory, readonly string[]>> = { ...before };
  let category: LicenseCategory | undefined;
  for (const part of textList(text)) {
    const [, name, id = ""] = /^([a-z]+)=(.*)$/i.exec(part) ?? [];
    if (name !== undefined) category = oneOf("--license-categories", name.toLowerCase(), licenseCategories);
    if (category === undefined)
      throw new UsageError(
        `--license-categories: "${part}" belongs to no category; say which, as in forbidden=SSPL-1.0`,
      );
    lists[category] = [...(lists[category] ?? []), ...textList(name === undefined ? part : id)];
  }
  return lists;
}

/** Reads a list of any words, such as `MIT,ISC`. */
export function textList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Reads a number from 0.8 to 1. */
export function licenseConfidence(text: string): number {
  const value = /^\d(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0.8 && value <= 1))
    throw new UsageError(`--license-confidence-level: "${text}" is no number from 0.8 to 1`);
  return value;
}

/** Words that an option knows, separated by commas. @throws UsageError for another one. */
export function someOf<const T extends string>(option: string, text: string, known: readonly T[]): readonly T[] {
  return text.split(",").map((part) => oneOf(option, part, known));
}

/** Reads a platform such as `linux/arm64/v8`. */
export function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined)
    throw new UsageError(`--platform: "${text}" is not os/architecture or os/architecture/variant`);
  return parsed;
}

/** Reads an exit code from 0 to 255. */
export function exitCode(text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text) || value > 255) throw new UsageError(`"${text}" is not an exit code from 0 to 255`);
  return value;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a duration such as `90s`, `5m`, `1h30m` or `7d` into milliseconds. */
export function duration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new UsageError(`"${text}" is not a duration such as 90s, 5m, 1h30m or 7d`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}
