import { shape, yamlSteps } from "@plimsoll/formats";
import { inTurns } from "@plimsoll/model";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { linesOfItems } from "./conda-files.ts";
import { listOf, ownValue, recordOf, textOf } from "./untrusted.ts";
import { readValueStepsOrReport } from "./value-limit.ts";
import { reportWrongYaml } from "./wrong-parts.ts";

/** A package of `pixi.lock`, as the file has it. */
export interface PixiPackage {
  readonly kind: "conda" | "pypi";
  /** An address, or a path from the file. */
  readonly place: string;
  /** Since version 6 only where the address does not tell. */
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly entry: Readonly<Record<string, unknown>>;
  /** 1-based. */
  readonly line?: number;
}

const entryShape = shape.fields({
  kind: shape.text,
  manager: shape.text,
  conda: shape.text,
  pypi: shape.text,
  name: shape.text,
  version: shape.text,
  url: shape.text,
  path: shape.text,
  license: shape.text,
  depends: shape.list(shape.text),
  requires_dist: shape.list(shape.text),
  purls: shape.list(shape.text),
});
const lockShape = shape.fields({ packages: shape.list(entryShape), package: shape.list(entryShape) });

/**
 * Packages of `pixi.lock` (https://pixi.sh/latest/workspace/lockfile/): `conda: ADDRESS` and `pypi: ADDRESS` since version 6,
 * `kind` with `url` or `path` in versions 4 and 5, `manager` as in conda-lock before. Both ecosystems read the same file; what is wrong with it
 * is told by that of conda.
 * @returns what is wrong, and the packages; each stands there once for each platform
 */
export async function readPixiLock(
  file: AnalyzedFile,
): Promise<{ readonly problems: readonly Diagnostic[]; readonly packages: readonly PixiPackage[] }> {
  const text = await file.text();
  const read = await readValueStepsOrReport(file, text, "yaml", (given) => yamlSteps(given));
  if ("problem" in read) return { problems: [read.problem], packages: [] };
  const document = recordOf(read.value[0]);
  // Environments name the same addresses before.
  const start = Math.max(0, text.search(/^packages?:/m));
  const before = text.slice(0, start).split("\n").length - 1;
  const lines = await inTurns(linesOfItems(text.slice(start)));
  const packages = [...listOf(document["packages"]), ...listOf(document["package"])].flatMap((item): PixiPackage[] => {
    const entry = recordOf(item);
    const name = textOf(entry["name"]);
    const isPypi = entry["kind"] === "pypi" || entry["manager"] === "pip" || ownValue(entry, "pypi") !== undefined;
    const kind = isPypi ? "pypi" : "conda";
    const place = textOf(entry[kind]) ?? textOf(entry["url"]) ?? textOf(entry["path"]);
    if (place === undefined) return [];
    const line = lines.get(`${kind}: ${place}`) ?? lines.get(`name: ${name}`);
    const version = textOf(entry["version"]);
    return [{ kind, place, name, version, entry, ...(line === undefined ? {} : { line: before + line }) }];
  });
  return { problems: [...reportWrongYaml(file, read.value[0], lockShape)], packages };
}
