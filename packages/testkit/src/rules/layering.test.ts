import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { constantText, parseSource } from "./parsed-source.ts";
import { nameProblem, privateImports, siblingImports, upwardDependencies } from "./layering.ts";
import { importsOf, readManifests, readSources, repository } from "./source-tree.ts";

const manifests = [...readManifests().values()];
const sources = readSources();

describe("packages depend only downwards", () => {
  test.each(manifests)("$name", (manifest) => {
    expect(upwardDependencies(manifest, manifests)).toEqual([]);
  });

  test("a planted upward and a planted sideways dependency are seen", () => {
    const low = { name: "low", plimsoll: { layer: 0 }, dependencies: { high: "*", peer: "*", zod: "*" } };
    const all = [low, { name: "high", plimsoll: { layer: 1 } }, { name: "peer", plimsoll: { layer: 0 } }];

    expect(upwardDependencies(low, all)).toEqual(["high", "peer"]);
  });

  test("every package says its layer", () => {
    expect(manifests.filter((manifest) => manifest.plimsoll === undefined)).toEqual([]);
  });
});

describe("folders of one family do not know each other", () => {
  test("in this tree", () => {
    const tested = sources.filter((source) => !source.path.endsWith(".test.ts"));

    expect(
      tested.flatMap((source) => siblingImports(source).map((specifier) => `${source.path} imports ${specifier}`)),
    ).toEqual([]);
    expect(tested.length).toBeGreaterThan(30);
  });

  test("a planted sibling import is seen, shared and own files are fine", () => {
    const imports = [
      "../deb/versions.ts",
      "./versions.ts",
      "../shared/names/purl.ts",
      "../define-ecosystem.ts",
      "@plimsoll/model",
    ];

    expect(siblingImports({ path: "packages/ecosystems/src/apk/index.ts", imports })).toEqual(["../deb/versions.ts"]);
    expect(
      siblingImports({ path: "packages/advisories/src/feeds/kev/index.ts", imports: ["../osv/index.ts"] }),
    ).toEqual(["../osv/index.ts"]);
  });

  test.each([
    ["packages/triage/src/vex/csaf.ts", ["./openvex.ts", "./shared/cpe.ts", "../document-fields.ts"], ["./openvex.ts"]],
    ["packages/triage/src/ignore-files/grype.ts", ["./shared/scope.ts", "./trivyignore.ts"], ["./trivyignore.ts"]],
    ["packages/formats/src/xz/unxz.ts", ["../zip/open.ts", "../crc32.ts", "../json/json.ts"], ["../zip/open.ts"]],
    ["packages/configs/src/helm/index.ts", ["../kustomize/index.ts", "../shared/cloud.ts"], ["../kustomize/index.ts"]],
    ["packages/checks/src/kubernetes/index.ts", ["../dockerfile/index.ts"], ["../dockerfile/index.ts"]],
    ["packages/secrets/src/rules/aws.ts", ["./github.ts", "./aws.ts", "../rule.ts"], ["./github.ts"]],
    ["packages/probes/src/etcd/index.ts", ["../kubelet/index.ts", "../probe.ts"], ["../kubelet/index.ts"]],
  ])("planted in %s they are seen", (path, imports, expected) => {
    expect(siblingImports({ path, imports })).toEqual(expected);
  });
});

describe("packages meet at their front doors", () => {
  test("in this tree", () => {
    expect(
      sources.flatMap((source) => privateImports(source).map((specifier) => `${source.path} imports ${specifier}`)),
    ).toEqual([]);
  });

  test("a planted import of another package's source is seen", () => {
    const imports = ["@plimsoll/model/src/order.ts", "../../model/src/order.ts", "@plimsoll/model", "./here.ts"];

    expect(privateImports({ path: "packages/image/src/archive.ts", imports })).toEqual(imports.slice(0, 2));
  });
});

describe("file names say what is inside", () => {
  test("in this tree", () => {
    expect(sources.flatMap((source) => nameProblem(source.path) ?? [])).toEqual([]);
  });

  test.each([
    "packages/image/src/utils.ts",
    "packages/image/src/helpers.test.ts",
    "packages/image/src/readTar.ts",
    "packages/image/src/types.d.ts",
    "packages/image/src/utils/read-tar.ts",
    "packages/checks/src/kubernetes/common/pods.ts",
    "packages/checks/src/kubernetes/Common/pods.ts",
    "packages/checks/src/kubernetes/pod_specs/pods.ts",
  ])("%s is refused", (path) => {
    expect(nameProblem(path)).toBeDefined();
  });
});

describe("every ecosystem has tests and a fuzz target", () => {
  const home = "packages/ecosystems/src";

  /** Members of the family, and what each of them lacks of the files beside its `index.ts`. */
  function lacking(files: readonly string[]): readonly string[] {
    const members = files.flatMap((file) => /^([^/]+)\/index\.ts$/.exec(file)?.[1] ?? []);
    return members.flatMap((member) =>
      [".test.ts", ".fuzz.ts"].flatMap((suffix) =>
        files.some((file) => file.startsWith(`${member}/`) && file.endsWith(suffix)) ? [] : [`${member}: no ${suffix}`],
      ),
    );
  }

  test("in this tree", () => {
    const files = readdirSync(join(repository, home), { recursive: true, encoding: "utf8" });

    expect(files.length).toBeGreaterThan(300);
    expect(lacking(files)).toEqual([]);
  });

  test("a planted member without either is seen", () => {
    expect(lacking(["a/index.ts", "a/a.test.ts", "a/a.fuzz.ts", "b/index.ts", "b/b.test.ts"])).toEqual([
      "b: no .fuzz.ts",
    ]);
  });
});

describe("shared code never names an ecosystem", () => {
  const ids = readdirSync(join(repository, "packages/ecosystems/src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .map((entry) => entry.name);

  /** Where a text that is spelt like an id is right, and what it means there. */
  const homes: Readonly<Record<string, string>> = {
    "packages/advisories/src/feeds/": "what a feed calls the worlds it speaks of is the feed's to know",
    "packages/advisories/src/store/java-database.ts": "the database of Java archives has packages of Maven alone",
    "packages/checks/src/dockerfile/": "programs that instructions run",
    "packages/configs/src/": "kinds of files",
    "packages/formats/src/purl/": "purl types and the rules that the purl specification gives each",
    "packages/licenses/src/texts/": "words of licences",
    "packages/report/src/shared/sbom/read-package.ts": "properties that other tools write into SBOMs",
    "packages/secrets/src/": "names of folders, and of Trivy's groups",
    "packages/triage/src/ignore-files/": "what other tools call package types",
  };
  /** `hex` is an encoding of bytes before it is a package manager. */
  const encodings = /\b(?:toString|digest|from|encoding:?)\s*\(?[^()\n]*["']hex["']|"base64" \| "hex"/g;

  /** The ids that a text of code writes: compared, listed, keyed by, in pieces, or as a type. */
  function named(text: string): readonly string[] {
    const { nodes } = parseSource(text.replaceAll(encodings, (found) => found.replaceAll("hex", "")));
    const texts = new Set(nodes.map(({ node }) => constantText(node)));
    return ids.filter((id) => texts.has(id));
  }

  test("in this tree", () => {
    const files = sources.filter(
      ({ path }) =>
        !/^packages\/(?:ecosystems|testkit)\/|\.(?:test|fuzz)\.ts$/.test(path) &&
        !Object.keys(homes).some((home) => path.startsWith(home)),
    );
    const found = files.flatMap(({ path }) =>
      named(readFileSync(join(repository, path), "utf8")).map((id) => `${path} names "${id}"`),
    );

    expect(ids.length).toBeGreaterThan(20);
    expect(files.length).toBeGreaterThan(300);
    expect(found).toEqual([]);
  });

  test("every home is there", () => {
    expect(Object.keys(homes).filter((home) => !sources.some(({ path }) => path.startsWith(home)))).toEqual([]);
  });

  test.each([
    'if (pkg.ecosystem === "deb") show();',
    'if ("deb" === pkg.ecosystem) show();',
    'const distributions = new Set(["deb"]);',
    'if (["x", "deb"].includes(pkg.ecosystem)) show();',
    "const byEcosystem = { 'deb': 1 };",
    "const id = `deb`;",
    'const id = "d" + "eb";',
    'const id = `d${"eb"}`;',
    'type Known = "deb" | "other";',
    'const page = "https://a.example"; if (id === "deb") show();',
    'switch (id) { case "deb": show(); }',
    'const id = "deb" as string;',
  ])("%s is seen", (code) => {
    expect(named(code)).toEqual(["deb"]);
  });

  test("a comment, a longer text and an encoding are none", () => {
    expect(named('// pkg.ecosystem === "deb"')).toEqual([]);
    expect(named('const suffix = ".deb"; const text = bytes.toString("hex");')).toEqual([]);
  });
});

test("the import reader sees every form of import", () => {
  const text =
    'import "a";\nimport b from "b";\nimport type { C } from "c";\nexport { d } from "d";\nimport {\n  e,\n} from "e";\nconst f = "f";';

  expect(importsOf(text)).toEqual(["a", "b", "c", "d", "e"]);
  expect(
    importsOf(
      [
        'import g from "g"; // said why',
        'import { h } from "h"; import { i } from "i";',
        'export * from "j";',
        'import k from "k" with { type: "json" };',
        'const l = await import("l");',
        'const m = await import(`m${"m"}`);',
        'type N = import("n").N;',
        'import {\n  o, // as in "p"\n} from "o";',
        "import q from 'q'",
        '// import r from "r";',
        'const s = `\nimport t from "t";\n`;',
      ].join("\n"),
    ),
  ).toEqual(["g", "h", "i", "j", "k", "l", "mm", "n", "o", "q"]);
});
