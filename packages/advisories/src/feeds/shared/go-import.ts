import { textField } from "@plimsoll/formats";
import type { AffectedImport } from "@plimsoll/model";
import { textsField } from "./untrusted-json.ts";
import type { JsonObject } from "./untrusted-json.ts";

/** A package of a Go module as the records of Go's database list it; undefined where it has no path. */
export function readGoImport(entry: JsonObject | undefined): AffectedImport | undefined {
  const path = textField(entry, "path");
  if (path === undefined) return undefined;
  const [symbols, goos, goarch] = ["symbols", "goos", "goarch"].map((name) => textsField(entry, name));
  return {
    path,
    ...(symbols === undefined || symbols.length === 0 ? {} : { symbols }),
    ...(goos === undefined || goos.length === 0 ? {} : { goos }),
    ...(goarch === undefined || goarch.length === 0 ? {} : { goarch }),
  };
}
