import { formatYaml, parseYamlDocuments } from "@plimsoll/formats";
import { sharedFile } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameItem } from "./list-items.ts";
import { mergeManifest } from "./merge-manifest.ts";

interface MergeRow {
  readonly id: string;
  readonly orig: string | null;
  readonly fixed: string | null;
  readonly merged: string | null;
  readonly error?: boolean;
}

function rows<Row>(table: string): readonly Row[] {
  return JSON.parse(sharedFile(`conformance/kubeaudit/${table}.json`) ?? "[]") as readonly Row[];
}

const mergeRows = rows<MergeRow>("yaml-merge");

describe.skipIf(mergeRows.length === 0)("documents that kubeaudit merges", () => {
  test.each(mergeRows.map((row) => [row.id, row] as const))("%s", (_, { orig, fixed, merged, error }) => {
    if (error === true) {
      expect(() => mergeManifest(orig ?? "", fixed ?? "")).toThrow(TypeError);
      return;
    }
    const text = mergeManifest(orig ?? "", fixed ?? "");

    expect(valueOf(text)).toEqual(valueOf(merged ?? ""));
    expect(comments(text)).toEqual(comments(merged ?? ""));
  });
});

const keyRows = rows<{ id: string; list: string; key: string; inside?: string }>("yaml-list-keys");

describe.skipIf(keyRows.length === 0)("items that kubeaudit takes for the same", () => {
  test.each(keyRows.map((row) => [row.id, row] as const))("%s", (_, { list, key, inside }) => {
    const make = (value: unknown, other: number): unknown => {
      const named = { [key]: value };
      return inside === undefined ? { ...named, other } : { [inside]: { ...named, other } };
    };

    for (const same of ["x", ["x", "y"], { x: "y" }]) {
      expect(isSameItem(list, make(same, 1), make(same, 2))).toBe(true);
      expect(isSameItem(list, make(same, 1), make("z", 1))).toBe(false);
    }
  });
});

function valueOf(text: string): unknown {
  const { documents, problems } = parseYamlDocuments(text);
  expect(problems).toEqual([]);
  return documents[0]?.value;
}

/** Comments in their order, each with what its line says before it, but for scalars that may have changed. */
function comments(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line.includes("#"))
    .map((line) => `${/^[^:#]*:/.exec(line)?.[0] ?? ""}${line.slice(line.indexOf("#"))}`.replace(/^[\s-]+/, ""));
}

const deployment = `# The shop.
apiVersion: apps/v1
kind: "Deployment" # quoted
metadata: {name: shop, labels: {app: shop}} # on one line
spec:
  template:
    spec:
      # All of them.
      containers:
      # The first.
      - name: web # its name
        image: web:1
        ports:
        - containerPort: 80
        args: [a, "b"]
      # The second.
      - image: side:1
        name: side # side's name
      volumes: []
`;

type Members = Record<string, unknown>;

interface Deployment {
  readonly metadata: { labels?: Members };
  readonly spec: { readonly template: { readonly spec: Members & { readonly containers: Members[] } } } & Members;
}

function changed(change: (value: Deployment) => void): string {
  const value = structuredClone(valueOf(deployment)) as Deployment; // As it stands above.
  change(value);
  return mergeManifest(deployment, formatYaml(value));
}

describe("a changed manifest", () => {
  test("keeps what did not change, byte for byte", () => {
    expect(changed(() => undefined)).toBe(deployment);
    expect(
      changed((value) => {
        Object.assign(value.spec.template.spec.containers[0] ?? {}, { image: "web:2" });
      }),
    ).toBe(deployment.replace("web:1", "web:2"));
  });

  test("has new members and items behind those that are there", () => {
    expect(
      changed((value) => {
        Object.assign(value.metadata.labels ?? {}, { tier: "front" });
        Object.assign(value.spec.template.spec.containers[1] ?? {}, { securityContext: { privileged: false } });
        value.spec.template.spec.containers.push({ name: "third", image: "c:1" });
        value.spec.template.spec["hostPID"] = false;
      }),
    ).toBe(
      deployment
        .replace("{app: shop}", "{app: shop, tier: front}")
        .replace(
          "side's name\n",
          "side's name\n        securityContext:\n          privileged: false\n      - image: c:1\n        name: third\n",
        )
        .replace("volumes: []\n", "volumes: []\n      hostPID: false\n"),
    );
  });

  test("loses members and items with their comments", () => {
    expect(
      changed((value) => {
        value.spec.template.spec.containers.shift();
        delete value.spec.template.spec["volumes"];
        delete value.metadata.labels;
      }),
    ).toBe(
      deployment
        .replace(/ {6}# The first[^]*(?= {6}# The second)/, "")
        .replace("      volumes: []\n", "")
        .replace(", labels: {app: shop}", ""),
    );
  });

  test("keeps the line breaks that it has", () => {
    const crlf = deployment.replaceAll("\n", "\r\n");
    const value = structuredClone(valueOf(deployment)) as Deployment; // As it stands above.
    value.spec["replicas"] = 2;

    expect(mergeManifest(crlf, formatYaml(value))).toBe(`${crlf}  replicas: 2\r\n`);
  });

  test("is not written where an alias shares what changes", () => {
    expect(() => mergeManifest("a: &x {b: 1}\nc: *x\n", "a: {b: 2}\nc: {b: 1}\n")).toThrow("stands around it");
  });

  test("says what it should, whatever the style of the text", () => {
    const scalar = fc.constantFrom("x", "yes", "0644", "a: b", "", 1, true, null, "two\nlines\n", "# no comment");
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "name", "containers", "on"), tie("value"), { maxKeys: 4 }),
        fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), x: scalar }), { maxLength: 3 }),
      ),
    }));
    const mapping = fc.dictionary(fc.constantFrom("a", "b", "containers", "env"), value, { minKeys: 1, maxKeys: 4 });
    let written = 0;
    fc.assert(
      fc.property(mapping, mapping, fc.boolean(), (from, to, json) => {
        const original = json ? `${JSON.stringify(from, null, 2)}\n` : formatYaml(from);
        let text: string;
        try {
          text = mergeManifest(original, formatYaml(to));
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
          return;
        }
        written++;
        expect(sorted(valueOf(text))).toEqual(sorted(valueOf(formatYaml(to))));
        expect(mergeManifest(text, formatYaml(to))).toBe(text);
      }),
      { numRuns: 1000 },
    );
    // Refusing is no way out.
    expect(written).toBeGreaterThan(990);
  });
});

/** Items of lists in one order, since merging keeps that of the text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
