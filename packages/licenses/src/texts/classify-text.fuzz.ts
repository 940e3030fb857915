import { classifyText } from "./classify-text.ts";

export function seeds(): readonly Uint8Array[] {
  return [
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software",
    "under the terms of the GNU General Public License; either version 2 of the License, or (at your option) any later version",
    "/* SPDX-License-Identifier: MIT */ https://opensource.org/licenses/MIT",
  ].map((text) => new TextEncoder().encode(text));
}

/** What is found lies within the text, in its order. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  let from = 0;
  for (const { id, start, end, confidence } of classifyText(text)) {
    if (start < from || end < start || end > text.length || !(confidence > 0 && confidence <= 1) || id === "")
      throw new Error(`${id} from ${start} to ${end} with ${confidence} in ${text.length}`);
    from = start;
  }
}
