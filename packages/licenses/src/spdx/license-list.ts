import exceptionIds from "spdx-exceptions/index.json" with { type: "json" };
import currentIds from "spdx-license-ids/index.json" with { type: "json" };
import deprecatedIds from "spdx-license-ids/deprecated.json" with { type: "json" };

/** Ids of the SPDX licence list by their lower-case form, deprecated ones among them: the list compares without regard to case (SPDX 2.3 annex D.2). */
const licenses: ReadonlyMap<string, string> = new Map(
  [...currentIds, ...deprecatedIds].map((id) => [id.toLowerCase(), id]),
);
const exceptions: ReadonlyMap<string, string> = new Map(exceptionIds.map((id) => [id.toLowerCase(), id]));

/** The id as the SPDX licence list writes it; undefined when the list has none of this name. */
export function licenseId(text: string): string | undefined {
  return licenses.get(text.toLowerCase());
}

/** The exception id as the SPDX list writes it; undefined when the list has none of this name. */
export function exceptionId(text: string): string | undefined {
  return exceptions.get(text.toLowerCase());
}

/** Every licence id of the SPDX list, deprecated ones among them. */
export function everyLicenseId(): Iterable<string> {
  return licenses.values();
}
