import { readConfigs } from "@plimsoll/configs";
import { parseYamlDocuments } from "@plimsoll/formats";
import { kubernetesObjects } from "@plimsoll/kubernetes";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auditConfig } from "./audit-config.ts";
import { AuditContext } from "./audit-context.ts";
import { auditedObject } from "./audited-object.ts";
import { fixWorkloads, type DocumentPatch } from "./fix-workloads.ts";

/** A manifest of generated style: indentation, quotes, braces, comments, line breaks. */
const manifests = fc
  .record({
    kind: fc.constantFrom("Pod", "Deployment", "CronJob", "StatefulSet"),
    lists: fc.boolean(),
    quotes: fc.constantFrom("", '"', "'"),
    comments: fc.boolean(),
    crlf: fc.boolean(),
    flow: fc.boolean(),
    final: fc.boolean(),
    members: fc.array(
      fc.constantFrom("hostPID", "hostIPC", "hostNetwork", "automount", "podContext", "account", "initial"),
      { maxLength: 4 },
    ),
    settings: fc.uniqueArray(
      fc.constantFrom(
        "privileged: true",
        "privileged: false",
        "allowPrivilegeEscalation: true",
        "runAsNonRoot: false",
        "runAsUser: 0",
        "readOnlyRootFilesystem: false",
        "capabilities: {add: [NET_ADMIN, SYS_TIME]}",
        "capabilities: {drop: [ALL]}",
        "seccompProfile: {type: Unconfined}",
      ),
      { selector: (text) => text.split(":")[0], maxLength: 5 },
    ),
    documents: fc.integer({ min: 1, max: 3 }),
  })
  .map(manifest);

function manifest(style: {
  readonly kind: string;
  readonly lists: boolean;
  readonly quotes: string;
  readonly comments: boolean;
  readonly crlf: boolean;
  readonly flow: boolean;
  readonly final: boolean;
  readonly members: readonly string[];
  readonly settings: readonly string[];
  readonly documents: number;
}): string {
  const { kind, quotes: q, comments, settings } = style;
  const note = (text: string): string => (comments ? ` # ${text}` : "");
  const context =
    settings.length === 0
      ? []
      : style.flow
        ? [`  securityContext: {${settings.join(", ")}}${note("flow")}`]
        : [`  securityContext:${note("context")}`, ...settings.map((text) => `    ${text}`)];
  const container = [`- name: ${q}web${q}${note("the name")}`, `  image: ${q}app:1${q}`, ...context];
  const members: Readonly<Record<string, readonly string[]>> = {
    hostPID: [`hostPID: true${note("why")}`],
    hostIPC: ["hostIPC: true"],
    hostNetwork: ["hostNetwork: true"],
    automount: ["automountServiceAccountToken: true"],
    podContext: ["securityContext:", "  runAsNonRoot: false"],
    account: ["serviceAccountName: default"],
    initial: ["initContainers:", `- {name: "first", image: "app:1"}`],
  };
  const spec = [
    ...[...new Set(style.members)].flatMap((name) => members[name] ?? []),
    ...(comments ? ["# all of them"] : []),
    "containers:",
    ...container.map((line) => (style.lists ? `  ${line}` : line)),
  ];
  const paths: Readonly<Record<string, readonly string[]>> = {
    Pod: [],
    Deployment: ["template"],
    StatefulSet: ["template"],
    CronJob: ["jobTemplate", "spec", "template"],
  };
  const wrapped = (paths[kind] ?? []).reduceRight<readonly string[]>(
    (inner, key) =>
      key === "spec"
        ? ["spec:", ...indented(inner)]
        : key === "template"
          ? ["template:", ...indented(["spec:", ...indented(inner)])]
          : [`${key}:`, ...indented(inner)],
    spec,
  );
  const versions: Readonly<Record<string, string>> = { Pod: "v1", CronJob: "batch/v1" };
  const document = (name: string): readonly string[] => [
    `apiVersion: ${versions[kind] ?? "apps/v1"}${note("version")}`,
    `kind: ${q}${kind}${q}`,
    "metadata:",
    `  name: ${name}`,
    "spec:",
    ...indented(wrapped),
  ];
  const lines = Array.from({ length: style.documents }, (_, index) => document(`x${index}`)).flatMap((each, index) =>
    index === 0 ? each : ["---", ...each],
  );
  return lines.join(style.crlf ? "\r\n" : "\n") + (style.final ? (style.crlf ? "\r\n" : "\n") : "");
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

describe("mended manifests", () => {
  test("say what the patches say, keep their comments, and need no more mending", () => {
    fc.assert(
      fc.property(manifests, (text) => {
        const fixed = fixWorkloads(text);
        const { documents, problems } = parseYamlDocuments(fixed.text);

        expect(problems).toEqual([]);
        expect(fixed.refused).toEqual([]);
        const before = parseYamlDocuments(text).documents.map(({ value }) => structuredClone(value));
        expect(documents.slice(0, before.length).map(({ value }) => value)).toEqual(patched(before, fixed.patches));
        expect(fixed.findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
        expect(fixWorkloads(fixed.text).text).toBe(fixed.text);
        expect(linesTouched(text, fixed.edits)).toEqual([]);
        if (text.includes("\r\n")) expect(fixed.text.replaceAll("\r\n", "")).not.toContain("\n");
      }),
      { numRuns: 2000 },
    );
  });

  test("are left alone inside of templates and anchors, with the reason", () => {
    const template = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: {{ .Values.image }}\n";
    expect(fixWorkloads(template).text).toBe(template);
    const shared =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: b:1\n    securityContext: &c\n      privileged: true\n  - name: d\n    image: b:1\n    securityContext: *c\n";
    const { text, refused } = fixWorkloads(shared, { only: ["privileged"] });

    expect(text).toBe(shared);
    expect(refused.map(({ rule, reason }) => `${rule}: ${reason}`)).toContain(
      "PrivilegedTrue: it is shared by an anchor",
    );
  });

  test("lose what a cluster fills in when asked to", () => {
    const text =
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  creationTimestamp: null\nspec: {}\nstatus:\n  phase: Active\n";

    expect(fixWorkloads(text, { clean: true, only: ["image"] }).text).toBe(
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\nspec: {}\n",
    );
  });

  test("misspelt options are refused", () => {
    expect(() => fixWorkloads("", { claen: true } as never)).toThrow('fixWorkloads has no option "claen"');
    expect(() => fixWorkloads("a: 1\n", { only: ["imagess"] })).toThrow('unknown auditor "imagess"');
  });
});

test("looking for the account of a pod takes no longer among many objects", () => {
  let looked = 0;
  const config = auditConfig();
  const accounts = Array.from({ length: 500 }, (_, index) => {
    const [object] = kubernetesObjects({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: `a${index}` } });
    if (object === undefined) throw new Error("no object");
    return auditedObject(object);
  });
  const counted = accounts.map((each) => ({
    ...each,
    get object() {
      looked += 1;
      return each.object;
    },
  }));
  const context = new AuditContext(config, counted);
  looked = 0;

  expect(context.named("ServiceAccount", "a7")?.object.name).toBe("a7");
  expect(context.named("ServiceAccount", "default")).toBeUndefined();
  expect(context.objectsOf("ServiceAccount")).toHaveLength(500);
  expect(context.objectsOf("ServiceAccount", "shop")).toEqual([]);
  // Each object was put into its group once, by name and by namespace.
  expect(looked).toBeLessThan(1005);
  for (let times = 0; times < 1000; times++) context.named("ServiceAccount", "default");
  expect(looked).toBeLessThan(1005);
});

test("the work of mending grows with the text", () => {
  const pods = (count: number): string =>
    Array.from(
      { length: count },
      (_, index) =>
        `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p${index}\nspec:\n  containers:\n  - name: a\n    image: b:1\n`,
    ).join("---\n");
  const fixed = fixWorkloads(pods(400));

  expect(fixed.refused).toEqual([]);
  expect(readConfigs([{ path: "a.yaml", text: fixed.text }]).documents.length).toBeGreaterThanOrEqual(400);
});

/** Values with patches applied, the way RFC 6902 has it. */
function patched(values: readonly unknown[], patches: readonly DocumentPatch[]): readonly unknown[] {
  for (const { document, operations } of patches)
    for (const operation of operations) {
      const steps = operation.path
        .slice(1)
        .split("/")
        .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
      const last = steps.pop() ?? "";
      let holder = values[document] as Record<string, unknown>;
      for (const step of steps) holder = holder[step] as Record<string, unknown>;
      if (operation.op === "remove") delete holder[last];
      else holder[last] = operation.value;
    }
  return values;
}

/** Comments that edits of lines would take away although the member they stand beside stays. */
function linesTouched(
  text: string,
  edits: readonly {
    readonly start: { readonly line: number; readonly column: number };
    readonly end: { readonly line: number; readonly column: number };
    readonly text: string;
  }[],
): readonly string[] {
  const lines = text.split("\n");
  return edits
    .filter(({ start, end, text: inserted }) => inserted !== "" && start.line === end.line && start.column < end.column)
    .map(({ start, end }) => (lines[start.line - 1] ?? "").slice(start.column - 1, end.column - 1))
    .filter((replaced) => replaced.includes(" # "));
}
