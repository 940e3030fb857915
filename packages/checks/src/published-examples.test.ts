import { readConfigs } from "@plimsoll/configs";
import { describe, expect, test } from "vitest";
import { sharedFile, sharedTable } from "@plimsoll/testkit";
import { everyCheck } from "./every-check.ts";
import { runChecks } from "./run-checks.ts";
import type { Misconfiguration } from "@plimsoll/model";

interface Example {
  readonly case: string;
  readonly checkId: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expect: "fail" | "pass";
  readonly default: boolean;
  readonly peer?: {
    readonly agrees?: boolean;
    readonly lines?: readonly (readonly [number | null, number | null])[];
    readonly alsoFails?: readonly string[];
  };
}

interface Directory {
  readonly case: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>;
  readonly results: readonly { readonly file: string; readonly type: string }[];
  readonly findings: readonly {
    readonly file: string;
    readonly checkId: string;
    readonly startLine: number | null;
    readonly endLine: number | null;
  }[];
}

function findingsIn(files: Readonly<Record<string, string>>): readonly Misconfiguration[] {
  const { documents } = readConfigs(Object.entries(files).map(([path, text]) => ({ path, text })));
  return runChecks(documents).findings;
}

describe.skipIf(sharedFile("conformance/misconfig/examples/dockerfile.json") === undefined)(
  "published examples have the verdicts that they are published with",
  () => {
    const rows = ["kubernetes", "dockerfile"].flatMap((type) => {
      const text = sharedFile(`conformance/misconfig/examples/${type}.json`);
      return text === undefined ? [] : (JSON.parse(text) as Example[]);
    });
    const byDefault = rows.filter((row) => row.default);
    test.skipIf(rows.length === 0).each(byDefault)("$case", (row) => {
      const hits = findingsIn(row.files).filter(({ id }) => id === row.checkId);

      expect(hits.length > 0 ? "fail" : "pass").toBe(row.expect);
      const lines = (row.peer?.lines ?? []).filter(([line]) => line !== null);
      if (lines.length > 0) expect(hits.map(({ location }) => [location?.line, location?.endLine])).toEqual(lines);
    });

    test.skipIf(rows.length === 0).each(byDefault)("$case: other checks fail where Trivy's do", (row) => {
      const ours = new Set(
        findingsIn(row.files)
          .map(({ id }) => id)
          .filter((id) => id !== row.checkId),
      );
      const theirs = row.peer?.alsoFails ?? [];

      expect([...ours].sort()).toEqual([...new Set(theirs)].sort());
    });
  },
);

describe.skipIf(sharedFile("conformance/misconfig/directories.json") === undefined)("directories", () => {
  const text = sharedFile("conformance/misconfig/directories.json");
  const rows = (text === undefined ? [] : (JSON.parse(text) as Directory[])).filter((row) =>
    /^(?:checks-docker|checks-kubernetes|dockerfile(?!.*custom)|own-docker|own-k8s|trivy-dockerfile)/.test(row.case),
  );
  /** Rows with another answer that is right too. */
  const otherwise = new Map([
    ["own-k8s-list", "Trivy does not look into lists; we do"],
    ["own-k8s-multi-document", "Trivy counts the lines of a document behind an empty one from the wrong place"],
  ]);
  test.skipIf(rows.length === 0).each(rows.filter((row) => !otherwise.has(row.case)))("$case", (row) => {
    const files = Object.fromEntries(
      Object.entries(row.files).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
    const place = (file: string, id: string, line: unknown, endLine: unknown): string =>
      `${file} ${id} ${String(line ?? "-")} ${String(endLine ?? "-")}`;
    const found = findingsIn(files);
    // Where Trivy has no lines, ours are welcome.
    const unplaced = new Set(row.findings.filter(({ startLine }) => startLine === null).map(({ checkId }) => checkId));
    const ours = found.map(({ id, location }) =>
      unplaced.has(id)
        ? place(location?.path ?? "", id, null, null)
        : place(location?.path ?? "", id, location?.line, location?.endLine),
    );
    const theirs = row.findings.map((each) => place(each.file, each.checkId, each.startLine, each.endLine));

    expect(ours.sort()).toEqual(theirs.sort());
  });
});

describe("every check of Dockerfiles and Kubernetes that Trivy has on is here", () => {
  const rows = (sharedTable("conformance/misconfig/checks.csv") ?? []).filter(
    (row) => (row["type"] === "dockerfile" || row["type"] === "kubernetes") && row["enabledByDefault"] === "true",
  );
  const byId = new Map(everyCheck.map((check) => [check.id, check]));
  test.skipIf(rows.length === 0)("191 of them, each once", () => {
    expect(rows.map((row) => row["id"] ?? "").filter((id) => !byId.has(id))).toEqual([]);
    expect(rows).toHaveLength(191);
    expect(byId.size).toBe(everyCheck.length);
  });

  test.skipIf(rows.length === 0).each(rows)("$id", (row) => {
    const check = byId.get(row["id"] ?? "");

    expect(check?.severity).toBe(row["severity"]);
    // Two names have blanks in them.
    if (!/Ensure that/.test(row["aliases"] ?? ""))
      for (const alias of (row["aliases"] ?? "").split(" ")) expect(check?.aliases).toContain(alias);
  });
});
