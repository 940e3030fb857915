import { sharedFile } from "@plimsoll/testkit";
import type { JsonObject } from "@plimsoll/kubernetes";
import { describe, expect, test } from "vitest";
import { parseLocation } from "../location/location.ts";
import { PolicyError } from "../policy-error.ts";
import { conflictingLocations, conflictingMutators } from "./conflicts.ts";
import { checkImageParts, imageParts } from "./image-parts.ts";
import { mutationSystem, readMutator } from "./mutate.ts";

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/gatekeeper/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

function problemOf(run: () => unknown): PolicyError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    return error as PolicyError;
  }
}

function at(object: unknown, path: readonly (string | number)[]): unknown {
  let found = object;
  for (const key of path) found = (found as Record<string | number, unknown> | undefined)?.[key];
  return found;
}

type Located = {
  readonly id: string;
  readonly location: string;
  readonly type?: string;
  readonly mustTerminate?: boolean;
};

function located({ id, location, type, mustTerminate }: Located): Parameters<typeof conflictingLocations>[0][number] {
  return { id, location: parseLocation(location), terminalType: type, mustTerminate };
}

describe.skipIf(rows("mutate").length === 0)("the published mutation cases", () => {
  test.each(
    rows<{
      id: string;
      mutators: readonly JsonObject[];
      object: JsonObject;
      namespace?: unknown;
      error?: boolean;
      expect?: readonly { path: readonly (string | number)[]; equals?: unknown; absent?: boolean }[];
    }>("mutate").map((row) => [row.id, row] as const),
  )("%s", (_, row) => {
    const object = structuredClone(row.object);
    const run = (): unknown =>
      mutationSystem(row.mutators.map(readMutator)).mutate({ object, namespace: row.namespace, source: "Original" });

    if (row.error === true) expect(run).toThrow(PolicyError);
    else {
      run();
      for (const { path, equals, absent } of row.expect ?? [])
        expect(at(object, path)).toEqual(absent === true ? undefined : equals);
    }
  });

  test.each(
    rows<{ id: string; mutator: JsonObject; error: string | null }>("mutator-valid").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { mutator, error }) => {
    const problem = problemOf(() => readMutator(mutator));

    if (error === null) expect(problem).toBeUndefined();
    else expect(`${problem?.code ?? ""} ${problem?.code ?? ""}Error ${problem?.message ?? ""}`).toContain(error);
  });

  test.each(
    rows<{ id: string; image: string; domain: string; path: string; tag: string }>("image-reference").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { image, domain, path, tag }) => {
    expect(imageParts(image)).toEqual({ domain, path, tag });
  });

  test.each(
    rows<{ id: string; assignDomain: string; assignPath: string; assignTag: string; error: string | null }>(
      "image-parts",
    ).map((row) => [row.id, row] as const),
  )("%s", (_, { assignDomain, assignPath, assignTag, error }) => {
    const parts = { domain: assignDomain, path: assignPath, tag: assignTag };

    expect(problemOf(() => checkImageParts(parts))?.code ?? null).toBe(error);
  });

  test.each(
    rows<{ id: string; before: readonly Located[]; add: Located; conflicts: readonly string[] }>("path-conflict").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { before, add, conflicts }) => {
    expect([...conflictingLocations([...before, add].map(located))].sort()).toEqual([...conflicts].sort());
  });

  test.each(
    rows<{
      id: string;
      before: readonly (Located & { bindings: readonly (readonly string[])[] })[];
      add: Located & { bindings: readonly (readonly string[])[] };
      conflicts: readonly string[];
    }>("mutator-conflict")
      // These two do not say which of their mutators takes external data, on which the answer hangs.
      .filter(({ id }) => !id.includes("external data"))
      .map((row) => [row.id, row] as const),
  )("%s", (_, { before, add, conflicts }) => {
    const mutators = [...before, add].map((mutator) => ({
      ...located(mutator),
      bindings: mutator.bindings.map(([group = "", version = "", kind = "", operation = ""]) => ({
        group,
        version,
        kind,
        operation,
      })),
    }));

    expect([...conflictingMutators(mutators)].sort()).toEqual([...conflicts].sort());
  });
});

const podKinds = { applyTo: [{ groups: [""], versions: ["v1"], kinds: ["Pod"] }] };

function mutator(kind: string, name: string, spec: object): JsonObject {
  return { apiVersion: "mutations.gatekeeper.sh/v1", kind, metadata: { name }, spec: { ...podKinds, ...spec } };
}

describe("mutation", () => {
  const pod = (): Record<string, unknown> => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", namespace: "web" },
    spec: { containers: [{ name: "one", image: "nginx" }] },
  });

  test("is repeated until nothing changes, and names what changed something", () => {
    const system = mutationSystem([
      // The first can only act on what the second adds.
      readMutator(
        mutator("Assign", "a", {
          location: "spec.sidecars[name: s].image",
          parameters: { assign: { value: "s:1" }, pathTests: [{ subPath: "spec.sidecars", condition: "MustExist" }] },
        }),
      ),
      readMutator(
        mutator("Assign", "b", {
          location: "spec.sidecars[name: s]",
          parameters: {
            assign: { value: { name: "s" } },
            pathTests: [{ subPath: "spec.sidecars[name: s]", condition: "MustNotExist" }],
          },
        }),
      ),
    ]);
    const object = pod();

    expect(system.mutate({ object })).toEqual({ applied: ["Assign/a", "Assign/b"], ignored: [] });
    expect(object).toMatchObject({ spec: { sidecars: [{ name: "s", image: "s:1" }] } });
    expect(system.mutate({ object })).toEqual({ applied: [], ignored: [] });
  });

  test("mutators that contradict each other are not applied", () => {
    const system = mutationSystem([
      readMutator(
        mutator("Assign", "object", { location: "spec.containers.image", parameters: { assign: { value: 1 } } }),
      ),
      readMutator(
        mutator("Assign", "list", {
          location: "spec.containers[name: *].image",
          parameters: { assign: { value: "x" } },
        }),
      ),
    ]);
    const object = pod();

    expect(system.conflicts).toEqual(["Assign/list", "Assign/object"]);
    expect(system.mutate({ object })).toEqual({ applied: [], ignored: [] });
    expect(object).toEqual(pod());
  });

  test("a mutation without end is refused", () => {
    const system = mutationSystem([
      readMutator(
        mutator("ModifySet", "add", {
          location: "spec.args",
          parameters: { operation: "merge", values: { fromList: ["x"] } },
        }),
      ),
      readMutator(
        mutator("ModifySet", "cut", {
          location: "spec.args",
          parameters: { operation: "prune", values: { fromList: ["x"] } },
        }),
      ),
      readMutator(mutator("Assign", "count", { location: "spec.copy", parameters: { assign: { value: "y" } } })),
    ]);

    expect(() => system.mutate({ object: { ...pod(), spec: { args: ["a"], copy: "n" } } })).not.toThrow();
  });

  test("an object of another shape is refused by name of the step", () => {
    const system = mutationSystem([
      readMutator(
        mutator("Assign", "a", { location: "spec.containers[name: *].image", parameters: { assign: { value: "x" } } }),
      ),
    ]);

    expect(() => system.mutate({ object: { ...pod(), spec: { containers: "none" } } })).toThrow(
      "step 3 of the location expects a list, the object has a string",
    );
  });

  test("a location may name what prototypes have", () => {
    const system = mutationSystem([
      readMutator(
        mutator("Assign", "a", { location: "spec.__proto__.polluted", parameters: { assign: { value: true } } }),
      ),
    ]);
    const object = pod();
    system.mutate({ object });

    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.hasOwn(object["spec"] as object, "__proto__")).toBe(true);
  });
});
