import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sharedFile, sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { readBenchmarkFolder } from "./benchmark/benchmark.ts";
import type { BenchmarkFile } from "./benchmark/benchmark.ts";
import { readControls } from "./benchmark/controls.ts";
import type { Check } from "./benchmark/controls.ts";
import { listedIds, runFilter } from "./benchmark/select.ts";
import { readSettings } from "./benchmark/settings.ts";
import {
  chooseBinaries,
  chooseFiles,
  environmentAudit,
  findExecutable,
  findFile,
  isRunning,
  replaceName,
  substitute,
} from "./benchmark/substitute.ts";
import {
  benchmarkOfVersion,
  knownOpenShiftVersion,
  lowerMinor,
  minorVersion,
  platformBenchmark,
  platformOf,
  targetName,
  assumedVersion,
} from "./benchmark/versions.ts";
import { areElementsAllowed, compareValues, splitElements } from "./judge/compare.ts";
import { parseConfiguration } from "./judge/configuration.ts";
import { judgeCheck, judgeTests } from "./judge/judge-check.ts";
import { evaluateJsonPath } from "./judge/json-path.ts";
import { runBenchmark } from "./run-benchmark.ts";
import { emptyFacts } from "./facts/empty-facts.ts";
import { kubeBenchAsff } from "./output/asff.ts";
import { testSuite } from "./output/junit.ts";
import { kubeBenchJson, totalsOf } from "./output/kube-bench-json.ts";
import type { KubeBenchCheck, KubeBenchControls } from "./output/kube-bench-json.ts";

const folder = "conformance/kube-bench";

/** Rows of a table; none, with one line said, when the data is absent. */
function rows<Row extends object>(name: string): (Row & { id: string })[] {
  const text = sharedFile(`${folder}/${name}.json`);
  return text === undefined ? [] : (JSON.parse(text) as (Row & { id: string })[]);
}

function eachRow<Row extends object>(name: string, body: (row: Row & { id: string }) => void | Promise<void>): void {
  const all = rows<Row>(name);
  test.skipIf(all.length === 0)(`every row of ${name}`, async () => {
    const wrong: string[] = [];
    for (const row of all)
      try {
        await body(row);
      } catch (error) {
        wrong.push(`${row.id}: ${String(error)}`);
      }
    expect(wrong).toEqual([]);
  });
}

interface RowCheck {
  type?: string;
  scored?: boolean;
  audit?: string;
  audit_config?: string;
  audit_env?: string;
  use_multiple_values?: boolean;
  tests?: {
    bin_op?: string;
    test_items: {
      flag?: string;
      path?: string;
      env?: string;
      set?: boolean;
      compare?: { op: string; value: string };
    }[];
  };
}

/** A definition goes through the reader of controls files: JSON is YAML. */
function checkOf(row: RowCheck): Check {
  const check = readControls(JSON.stringify({ groups: [{ id: "1", checks: [row] }] }), "row").groups[0]?.checks[0];
  if (check === undefined) throw new TypeError("no check was read");
  return check;
}

interface Outputs {
  audit: string;
  auditConfig: string;
  auditEnv: string;
}

describe("what kube-bench's published tests state", () => {
  eachRow<{ check: RowCheck; result: boolean; expectedResult?: string } & Outputs>("check", (row) => {
    const verdict = judgeTests(checkOf(row.check), row);
    expect(verdict.result).toBe(row.result);
    if (row.expectedResult !== undefined) expect(verdict.expected).toBe(row.expectedResult);
  });

  eachRow<{ check: RowCheck; state: string } & Outputs>("check-state", (row) => {
    expect(judgeCheck(checkOf(row.check), row).state).toBe(row.state);
  });

  eachRow<{ op: string; found: string; value: string; flag: string; result: boolean; expectedResult: string }>(
    "compare",
    (row) => {
      expect(compareValues(row.op, row.found, row.value, row.flag)).toEqual({
        result: row.result,
        expected: row.expectedResult,
      });
    },
  );

  eachRow<{ found?: string[]; allowed?: string[]; result?: boolean; text?: string; count?: number }>(
    "valid-elements",
    (row) => {
      if (row.text !== undefined) expect(splitElements(row.text)).toHaveLength(row.count ?? 0);
      else expect(areElementsAllowed(row.found ?? [], row.allowed ?? [])).toBe(row.result);
    },
  );

  eachRow<{ path: string; document: unknown; text?: string; error?: boolean }>("json-path", (row) => {
    let text = "";
    try {
      text = evaluateJsonPath(row.path, row.document);
    } catch (error) {
      if (row.error !== true) throw error;
    }
    // A path that finds nothing gives nothing: kubectl's JSONPath says so where missing keys are an error.
    expect(text).toBe(row.error === true ? "" : row.text);
  });

  eachRow<{ content: string; error: boolean }>("config-parse", (row) => {
    if (row.error) expect(() => parseConfiguration(row.content)).toThrow();
    else expect(parseConfiguration(row.content)).toBeTypeOf("object");
  });

  eachRow<{ controls: string; skip: string[]; want: Record<string, object> }>("controls-summary", async (row) => {
    const settings = readSettings("master:\n  components: []\n", "config.yaml");
    const benchmark = {
      id: "row",
      settings,
      controls: new Map([["master", { text: row.controls, path: "master.yaml" }]]),
    };
    const result = await runBenchmark(emptyFacts(), { benchmark, skip: row.skip });
    const counted = JSON.parse(
      kubeBenchJson((await import("./output/kube-bench-json.ts")).kubeBenchControls(result)),
    ) as {
      Controls: KubeBenchControls[];
    };
    const groups = counted.Controls[0]?.tests.map(({ section, pass, fail, info, warn }) => [
      section,
      { pass, fail, info, warn },
    ]);
    expect(Object.fromEntries(groups ?? [])).toEqual(row.want);
  });

  eachRow<{
    scored?: boolean;
    unscored?: boolean;
    groups: string;
    checks: string;
    group: string;
    check: string;
    checkScored: boolean;
    want?: boolean;
    error?: string;
  }>("run-filter", (row) => {
    const selection = {
      scored: row.scored,
      unscored: row.unscored,
      groups: listedIds(row.groups),
      checks: listedIds(row.checks),
    };
    if (row.error !== undefined) {
      expect(() => runFilter(selection)).toThrow(row.error);
      return;
    }
    expect(runFilter(selection)(row.group, { id: row.check, scored: row.checkScored })).toBe(row.want);
  });

  eachRow<{
    platform?: string;
    gitVersion?: string;
    name?: string;
    version?: string;
    benchmark?: string;
    openshiftVersion?: string;
    known?: string | null;
  }>("platform", (row) => {
    if (row.openshiftVersion !== undefined) expect(knownOpenShiftVersion(row.openshiftVersion) ?? null).toBe(row.known);
    else if (row.gitVersion !== undefined) {
      const platform = platformOf(row.gitVersion);
      expect([platform?.name ?? "", platform?.version ?? ""]).toEqual([row.name, row.version]);
    } else expect(platformBenchmark({ name: row.name ?? "", version: row.version ?? "" })).toBe(row.benchmark);
  });

  eachRow<{ version: string; lower: string }>("version-step", (row) => {
    expect(lowerMinor(row.version)).toBe(row.lower);
  });

  eachRow<{ command?: string; ps: string; running?: boolean; candidates?: string[]; found?: string | null }>(
    "process",
    (row) => {
      const lines = row.ps.split("\n");
      if (row.candidates === undefined) expect(isRunning(row.command ?? "", lines)).toBe(row.running);
      else expect(findExecutable(row.candidates, () => lines) ?? null).toBe(row.found);
    },
  );

  eachRow<{
    kind: "bins" | "confs" | "svc" | "file";
    config?: Record<string, unknown>;
    ps?: string;
    exists?: boolean[];
    candidates?: string[];
    want?: unknown;
    error?: boolean;
  }>("candidates", async (row) => {
    const answers = [...(row.exists ?? [])];
    const exists = (): boolean => answers.shift() ?? false;
    if (row.kind === "file") {
      expect(await findFile(row.candidates ?? [], exists)).toBe(row.want);
      return;
    }
    const settings = readSettings(JSON.stringify({ master: row.config }), "config.yaml");
    const components = settings.targets.get("master") ?? new Map();
    if (row.kind === "bins") {
      const chosen = chooseBinaries(components, () => (row.ps ?? "").split("\n"));
      if (row.error === true) expect(chosen.missing).toBeTypeOf("string");
      else expect(Object.fromEntries(chosen.binaries)).toEqual(row.want);
      return;
    }
    expect(Object.fromEntries(await chooseFiles(components, row.kind === "confs" ? "conf" : "svc", exists))).toEqual(
      row.want,
    );
  });

  eachRow<{
    input: string;
    name?: string;
    value?: string;
    want: string;
    kind?: "bin";
    values?: Record<string, string>;
    used?: string[];
  }>("substitute", (row) => {
    if (row.name !== undefined) expect(replaceName(row.input, row.name, row.value ?? "")).toBe(row.want);
    else
      expect(substitute(row.input, row.kind ?? "bin", new Map(Object.entries(row.values ?? {})))).toEqual({
        text: row.want,
        used: row.used,
      });
  });

  eachRow<{ target: string; want: string }>("target-name", (row) => {
    expect(targetName(row.target)).toBe(row.want);
  });

  eachRow<{ binaries: string[]; auditEnv: string }>("default-env-audit", (row) => {
    expect(environmentAudit(row.binaries[0] ?? "")).toBe(row.auditEnv);
  });

  eachRow<{ input: string; output: string; format: string; totals?: object }>("report", (row) => {
    const input = JSON.parse(sharedFile(`${folder}/${row.input}`) ?? "") as KubeBenchControls[];
    const output: unknown = JSON.parse(sharedFile(`${folder}/${row.output}`) ?? "");
    expect(JSON.parse(kubeBenchJson(input, { totals: !row.format.includes("without") }))).toEqual(output);
    if (row.totals !== undefined) expect(totalsOf(input)).toEqual(row.totals);
  });

  eachRow<{ summary: { pass?: number; fail?: number; warn?: number; info?: number }; groups: RowGroup[]; xml: string }>(
    "junit",
    (row) => {
      expect(testSuite(controlsOf({ groups: row.groups }, row.summary))).toBe(row.xml);
    },
  );

  eachRow<{
    account: string;
    cluster: string;
    region: string;
    controls: RowControls;
    want: Record<string, unknown>[];
    ignore: string[];
  }>("asff", (row) => {
    const { account, cluster, region } = row;
    const findings = kubeBenchAsff([controlsOf(row.controls, {})], {
      account,
      cluster,
      region,
      time: "2026-01-01T00:00:00Z",
    });
    const compared = findings.map((finding) =>
      Object.fromEntries(Object.entries(finding).filter(([key]) => !row.ignore.includes(key))),
    );
    expect(compared).toEqual(row.want);
  });
});

interface RowGroup {
  id: string;
  text: string;
  checks: {
    id: string;
    text: string;
    state: string;
    remediation?: string;
    reason?: string;
    expected_result?: string;
    actual_value?: string;
  }[];
}

interface RowControls {
  id?: string;
  version?: string;
  text?: string;
  groups: RowGroup[];
}

function controlsOf(
  row: RowControls,
  summary: { pass?: number; fail?: number; warn?: number; info?: number },
): KubeBenchControls {
  return {
    id: row.id ?? "",
    version: row.version ?? "",
    text: row.text ?? "",
    node_type: "master",
    total_pass: summary.pass ?? 0,
    total_fail: summary.fail ?? 0,
    total_warn: summary.warn ?? 0,
    total_info: summary.info ?? 0,
    tests: row.groups.map((group) => ({
      section: group.id,
      type: "",
      pass: 0,
      fail: 0,
      warn: 0,
      info: 0,
      desc: group.text,
      results: group.checks.map((check): KubeBenchCheck => ({
        test_number: check.id,
        test_desc: check.text,
        audit: "",
        AuditEnv: "",
        AuditConfig: "",
        type: "",
        remediation: check.remediation ?? "",
        test_info: null,
        status: check.state,
        actual_value: check.actual_value ?? "",
        scored: false,
        IsMultiple: false,
        expected_result: check.expected_result ?? "",
        ...(check.reason === undefined ? {} : { reason: check.reason }),
      })),
    })),
  };
}

const cfg = sharedPath(`${folder}/cfg`);

/** All published files. */
function publishedFiles(root: string): readonly BenchmarkFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: path.slice(root.length + 1), text: readFileSync(path, "utf8") };
    });
}

describe.skipIf(cfg === undefined)("kube-bench's published benchmarks", () => {
  const files = cfg === undefined ? [] : publishedFiles(cfg);

  test("all 276 files load", () => {
    const benchmarks = readBenchmarkFolder(files);
    let controls = 0;
    let checks = 0;
    for (const id of benchmarks.ids) {
      const benchmark = benchmarks.benchmark(id);
      for (const [target, { text, path }] of benchmark.controls) {
        const read = readControls(text, path);
        expect(read.type, path).toBe(target);
        controls++;
        checks += read.groups.reduce((sum, group) => sum + group.checks.length, 0);
      }
    }
    expect([files.length, benchmarks.ids.length, controls, checks]).toEqual([276, 46, 229, 4860]);
  });

  test("versions and platforms choose the benchmarks that kube-bench chooses", () => {
    const { versionMapping } = readBenchmarkFolder(files).settings;
    const wrong = rows<{
      kubernetesVersion: string;
      benchmark: string | null;
      kubectl?: { serverVersion: { gitVersion: string } };
    }>("version-map").filter((row) => {
      const detected =
        row.kubectl === undefined ? assumedVersion : (minorVersion(row.kubectl.serverVersion.gitVersion) ?? "");
      const version = row.kubernetesVersion === "" ? detected : row.kubernetesVersion;
      return (benchmarkOfVersion(versionMapping, version) ?? null) !== row.benchmark;
    });
    expect(wrong).toEqual([]);
  });

  test("a benchmark has the targets that its mapping lists", () => {
    const { targetMapping } = readBenchmarkFolder(files).settings;
    const wrong = rows<{ benchmark: string; targets: string[]; want: boolean }>("valid-targets").filter((row) => {
      const known = targetMapping.get(row.benchmark) ?? [];
      return row.targets.every((target) => known.includes(target)) !== row.want;
    });
    expect(wrong).toEqual([]);
  });
});
