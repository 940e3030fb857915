import list from "spdx-license-list/full.js";
import { licenseId } from "../spdx/license-list.ts";

/** The text of a licence as the SPDX list has it; undefined for ids that the list's package has no text of. */
export function licenseText(id: string): string | undefined {
  const known = licenseId(id);
  if (known === undefined) return undefined;
  for (const name of [known, known.replace(/-(?:only|or-later)$/, ""), `${known}-only`])
    if (Object.hasOwn(list, name)) return list[name]?.licenseText;
  return undefined;
}
