import { defineVersionScheme } from "@plimsoll/model";
import type { Ecosystem, FileAnalyzer, FileMatcher, Inventory, Observation } from "@plimsoll/model";

/** Text order, so that tests need no real scheme. */
const textVersions = defineVersionScheme<string>({
  id: "text",
  parse: (text) => (text === "" ? undefined : text),
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
});

export interface ListEcosystemOptions {
  /** Default `list`. */
  readonly id?: string;
  readonly class?: Ecosystem["class"];
  readonly matches?: readonly FileMatcher[];
  readonly revision?: number;
  /** Told the path of each file that is analyzed. */
  readonly onAnalyze?: (path: string) => void;
}

/**
 * An ecosystem of list files, for tests of code that is independent of ecosystems. A line is `name version`; `own NAME PATH` says that a
 * package owns a path; `needs NAME OTHER` is a dependency; `? text` is a diagnostic; `throw` throws an error and `hang` never finishes.
 */
export function listEcosystem(options: ListEcosystemOptions = {}): Ecosystem {
  const id = options.id ?? "list";
  const analyzer: FileAnalyzer = {
    kind: "file",
    id: `${id}/file`,
    revision: options.revision ?? 1,
    matches: options.matches ?? [{ path: "db/list" }, { suffix: ".list" }],
    async *analyze(file, { signal }) {
      options.onAnalyze?.(file.path);
      const lines = (await file.text()).split("\n");
      const needs = lines.flatMap((line) => (line.startsWith("needs ") ? [line.split(" ")] : []));
      for (const [index, line] of lines.entries()) {
        if (line === "throw") throw new Error("this list is cursed");
        if (line === "hang")
          await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
        yield* observationsOf(line, index + 1, needs);
      }
    },
  };
  return {
    id,
    class: options.class ?? "library",
    analyzers: [analyzer],
    versions: textVersions,
    purl: (pkg, distro) => `pkg:${id}/${pkg.name}@${pkg.version}${distro === undefined ? "" : `?distro=${distro.id}`}`,
    advisoryKeys: (pkg) => [{ namespace: id, name: pkg.name, version: pkg.version }],
  };
}

function* observationsOf(line: string, number: number, needs: readonly string[][]): Generator<Observation> {
  const [first = "", second = "", third = ""] = line.split(" ");
  if (first === "own") yield { kind: "ownership", owner: second, paths: [third] };
  else if (first === "?")
    yield { kind: "diagnostic", code: "malformed-file", effect: "incomplete", message: line.slice(2) };
  else if (first !== "" && first !== "needs" && second !== "") {
    const dependsOn = needs.flatMap(([, name, other = ""]) => (name === first ? [other] : []));
    yield {
      kind: "package",
      package: { name: first, version: second, ...(dependsOn.length === 0 ? {} : { dependsOn }) },
      line: number,
    };
  }
}

/** Packages of an inventory as `name@version path layer[ owner]`, one per location, in the inventory's order. */
export function describePackages(inventory: Inventory): readonly string[] {
  return inventory.packages.flatMap((pkg) =>
    pkg.locations.map(
      ({ path, layer, ownedBy }) =>
        `${pkg.name}@${pkg.version} ${path} ${layer?.index ?? "-"}${ownedBy === undefined ? "" : ` (${ownedBy})`}`,
    ),
  );
}
