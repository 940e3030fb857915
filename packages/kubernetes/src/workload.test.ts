import { describe, expect, test } from "vitest";
import { kubernetesObjects } from "./object.ts";
import { imagesOf, podTemplateOf, workloadKinds } from "./workload.ts";

const pod = {
  metadata: { labels: { app: "a" } },
  spec: {
    initContainers: [{ name: "i", image: "busybox:1" }],
    containers: [{ name: "c", image: "nginx:1" }, "not a container", { name: "d" }],
    ephemeralContainers: [{ name: "e", image: "debug:1" }],
  },
};

function workload(kind: string): object {
  const base = { apiVersion: "v1", kind, metadata: { name: "n" } };
  if (kind === "Pod") return { ...base, ...pod };
  if (kind === "PodTemplate") return { ...base, template: pod };
  if (kind === "CronJob") return { ...base, spec: { jobTemplate: { spec: { template: pod } } } };
  return { ...base, spec: { template: pod } };
}

describe("workloads", () => {
  test.each(workloadKinds)("the pod of a %s is found, with its containers and images", (kind) => {
    const [object] = kubernetesObjects(workload(kind));
    if (object === undefined) throw new Error("no object");
    const template = podTemplateOf(object);

    expect(template?.containers.map(({ role, name }) => `${role} ${name}`)).toEqual([
      "init i",
      "container c",
      "container d",
      "ephemeral e",
    ]);
    expect(imagesOf(object).map((use) => use.image)).toEqual(["busybox:1", "nginx:1", "debug:1"]);
    expect(imagesOf(object)[1]?.path.slice(-3)).toEqual(["containers", 0, "image"]);
  });

  test("kinds without a pod and templates without a spec have none", () => {
    const objects = [
      { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { template: pod } },
      { apiVersion: "apps/v1", kind: "Deployment", spec: { template: "text" } },
    ].flatMap(kubernetesObjects);

    expect(objects.map(podTemplateOf)).toEqual([undefined, undefined]);
  });

  test("lists are taken apart, also lists of one kind whose items leave it out", () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "v1", kind: "PodList", items: [{ metadata: { name: "p", namespace: "x" }, spec: pod.spec }] },
        { apiVersion: "v1", kind: "Secret", metadata: { name: 12, labels: { a: true, b: {} } } },
        null,
      ],
    };

    expect(kubernetesObjects(list)).toMatchObject([
      { kind: "Pod", name: "p", namespace: "x", path: ["items", 0, "items", 0] },
      { kind: "Secret", name: "12", labels: { a: "true" }, path: ["items", 1] },
    ]);
  });

  test("what is no object gives none, and prototypes are not asked", () => {
    const inherited: unknown = Object.create({ apiVersion: "v1", kind: "Pod" });

    expect(
      [null, 3, "Pod", [], { kind: "Pod" }, { kind: "", apiVersion: "v1" }, inherited].flatMap(kubernetesObjects),
    ).toEqual([]);
  });

  test("lists without end are not followed to their end", () => {
    let list: unknown = { apiVersion: "v1", kind: "Pod" };
    for (let depth = 0; depth < 10_000; depth++) list = { apiVersion: "v1", kind: "List", items: [list] };

    expect(kubernetesObjects(list)).toEqual([]);
  });
});
