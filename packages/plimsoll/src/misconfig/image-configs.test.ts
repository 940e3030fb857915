import { readReport } from "@plimsoll/report";
import { literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import type { ImageConfiguration, ImageSource, LayerRef } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { analyzeImage, scanImage, scanInventory } from "../index.ts";
import { configDetector } from "./config-detector.ts";

function image(layers: readonly LiteralLayer[], configuration?: ImageConfiguration): ImageSource {
  const source = literalImage({ layers });
  return {
    ...source,
    open: async (options) => ({
      ...(await source.open(options)),
      ...(configuration === undefined ? {} : { configuration }),
    }),
  };
}

function layer(index: number): LayerRef {
  return { index, diffId: `sha256:${String(index).repeat(64)}` };
}

const configuration: ImageConfiguration = {
  user: "",
  environment: [],
  labels: {},
  entrypoint: [],
  command: [],
  healthcheck: [],
  history: [
    { createdBy: "/bin/sh -c #(nop) ADD file:0 in / ", layer: layer(0) },
    { createdBy: '/bin/sh -c #(nop)  CMD ["sh"]' },
    { createdBy: "RUN /bin/sh -c apt-get update # buildkit", layer: layer(1) },
    { createdBy: "ENV DB_PASSWORD=hunter2" },
    { createdBy: 'CMD ["app"]' },
  ],
};

const pod =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, containers: [{name: a, image: b:1}]}\n";

describe("what is configured in an image", () => {
  test("is checked wherever it lies, and names the layer that holds it", async () => {
    const source = image([
      { "app/Dockerfile.prod": "FROM alpine\n", "app/main.txt": "FROM alpine\n" },
      { "deploy/pod.yaml": pod },
    ]);
    const { misconfigurations, coverage } = await scanImage(source, { scanners: ["misconfig"] });
    const places = new Map(misconfigurations.map(({ location }) => [location?.path, location?.layer?.index]));

    expect([...places].sort()).toEqual([
      ["app/Dockerfile.prod", 0],
      ["deploy/pod.yaml", 1],
    ]);
    expect(misconfigurations.map(({ id }) => id)).toEqual(expect.arrayContaining(["DS-0001", "DS-0002", "KSV-0010"]));
    expect(coverage.verdict).toBe("complete");
  });

  test("is checked in UTF-16, too, which a byte order mark tells", async () => {
    const units = Uint16Array.from(`\uFEFF${pod}`, (unit) => unit.charCodeAt(0));
    const little = new Uint8Array(units.length * 2);
    const big = new Uint8Array(units.length * 2);
    for (const [at, unit] of units.entries()) {
      new DataView(little.buffer).setUint16(2 * at, unit, true);
      new DataView(big.buffer).setUint16(2 * at, unit);
    }
    const { misconfigurations } = await scanImage(image([{ "a.yaml": little, "b.yaml": big, "c.yaml": pod }]), {
      scanners: ["misconfig"],
    });
    const idsIn = (path: string): readonly string[] =>
      misconfigurations.filter(({ location }) => location?.path === path).map(({ id }) => id);

    expect(idsIn("c.yaml")).toContain("KSV-0010");
    expect(idsIn("a.yaml")).toEqual(idsIn("c.yaml"));
    expect(idsIn("b.yaml")).toEqual(idsIn("c.yaml"));
  });

  test("is checked in its history, too, which names the layer that an instruction made", async () => {
    const report = await scanImage(image([{ a: "" }, { b: "" }], configuration), { scanners: ["misconfig"] });
    const found = report.misconfigurations.map(({ id, subject, location }) => [
      id,
      subject,
      location?.path,
      location?.layer?.index,
    ]);

    expect(found).toContainEqual(["DS-0017", "image-config", "image-config:history", 1]);
    expect(found).toContainEqual(["DS-0031", "image-config", "image-config:history", undefined]);
    expect(found.map(([id]) => id)).toContain("DS-0002");
    // Base images have a command of their own, and unpack what they are made of.
    expect(found.map(([id]) => id)).not.toContain("DS-0016");
    expect(found.map(([id]) => id)).not.toContain("DS-0005");
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });

  test.each([
    ["main.tf", ""],
    ["a/main.tofu", "x"],
    ["a/prod.auto.tfvars", "x = 1\n"],
    ["a/main.tf.json", "{}"],
    ["stack.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n"],
    [
      "custom.yaml",
      "Resources:\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: Custom::B\n  Fn::Transform: {Name: AWS::Include}\n",
    ],
    ["stack.json", '{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}'],
    ["plan.json", '{"format_version": "1", "terraform_version": "1", "planned_values": {}, "resource_changes": []}'],
    [
      "arm.json",
      '{"$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#", "resources": [{}]}',
    ],
    ["kustomization.yml", "patches: []\n"],
    ["chart/Chart.yaml", "name: a\n"],
    ["site.yml", "- name: a\n  hosts: all\n  roles: [nginx]\n"],
    ["all.yml", "- import_playbook: site.yml\n"],
  ])("of a kind that is not read yet is told as a gap, never passed over: %s", async (path, text) => {
    const { coverage } = await scanImage(image([{ [path]: text, [`node_modules/a/${path}`]: text }]), {
      scanners: ["misconfig"],
    });

    expect(coverage.verdict).toBe("partial");
    expect(coverage.gaps.map((gap) => [gap.code, gap.path])).toContainEqual(["unsupported-format", path]);
  });

  test("of some megabytes, as what installs an operator with its definitions, is checked to its end", async () => {
    const definitions = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n".concat(
      `    ${"some words of a definition ".repeat(3)}\n`.repeat(20_000),
    );
    const pod =
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true, containers: [{name: c}]}\n";
    const report = await scanImage(image([{ "install.yaml": definitions + pod }]), { scanners: ["misconfig"] });

    expect(report.misconfigurations.find(({ id }) => id === "KSV-0009")?.location).toMatchObject({
      path: "install.yaml",
      line: 20_011,
    });
  });

  test("as a Dockerfile of more than a megabyte is told, and not read", async () => {
    const text = `FROM alpine\n${"RUN a && b\n".repeat(100_000)}`;
    const { misconfigurations, diagnostics } = await scanImage(image([{ Dockerfile: text }]), {
      scanners: ["misconfig"],
    });

    expect(misconfigurations).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: "limit-exceeded", location: { path: "Dockerfile" } }]);
  });

  test("is kept in an inventory that is stored and judged later", async () => {
    const source = image([{ a: "" }, { b: "" }], configuration);
    const inventory = await analyzeImage(source, { scanners: ["misconfig"] });
    const stored = readReport(JSON.stringify(inventory));
    if ("tool" in stored) throw new Error("not an inventory");

    expect((await scanInventory(stored, { scanners: ["misconfig"] })).misconfigurations).toEqual(
      (await scanImage(source, { scanners: ["misconfig"] })).misconfigurations,
    );
  });

  test("that is too much in all is told file by file, and what is small is kept", () => {
    const text = `a: ${"x".repeat(1024 * 1024 - 10)}\n`;
    const found = Array.from({ length: 70 }, (_, index) => ({
      data: { text },
      path: `${index + 100}.yaml`,
      analyzer: "a",
    }));
    const { configs, diagnostics } = configDetector.collect([
      ...found,
      { data: { text: "a: 1\n" }, path: "z.yaml", analyzer: "a" },
    ]);

    expect(configs?.length).toBe(65);
    expect(configs?.at(-1)?.path).toBe("z.yaml");
    expect(diagnostics?.map(({ location }) => location?.path)).toEqual([
      "164.yaml",
      "165.yaml",
      "166.yaml",
      "167.yaml",
      "168.yaml",
      "169.yaml",
    ]);
  });
});
