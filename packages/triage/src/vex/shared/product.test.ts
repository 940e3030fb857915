import type { Artifact, Package } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { pkg } from "../../fixtures/literal-findings.ts";
import { about, both, brotli, hidden, image, lodash, openvex } from "../../fixtures/vex-verdicts.ts";

const fixed = { ...about, status: "fixed" };

function isHidden(product: unknown, artifact: Artifact | undefined = image): boolean {
  return hidden(openvex({ ...fixed, products: [product] }), { artifact }).length > 0;
}

describe("an image is the product", () => {
  const named = (name: string): Artifact => ({ ...image, name });

  test.each([
    ["pkg:oci/app?repository_url=registry.example/team/app&tag=1.2", true],
    ["pkg:oci/app?repository_url=registry.example/team", true],
    ["pkg:oci/app?repository_url=Registry.example/team", true],
    ["pkg:oci/app?repository_url=other.example/team/app", false],
    ["pkg:oci/app?tag=1.2", true],
    ["pkg:oci/app?tag=1.3", false],
    ["pkg:oci/app@1.2", true],
    ["pkg:oci/app@1.3", false],
    ["pkg:oci/app", true],
    ["pkg:oci/other", false],
    ["pkg:oci/pp", false],
    ["pkg:oci/app@sha256%3Aaa", true],
    ["pkg:oci/app@sha256%3Acc", true],
    ["pkg:oci/app@sha256%3Abb", false],
    ["pkg:oci/other@sha256%3Aaa", false],
    ["pkg:docker/team/app@1.2", true],
    ["pkg:docker/registry.example/team/app@1.2", true],
    ["pkg:docker/team/app@1.3", false],
    ["pkg:docker/team/app@sha256:aa", true],
    ["pkg:docker/other/app@1.2", false],
    ["pkg:generic/app", false],
    ["registry.example/team/app:1.2", true],
    ["registry.example/team/app:1.3", false],
    ["sha256:aa", true],
    ["sha256:dd", true],
    ["sha256:bb", false],
  ])("by %s: %s", (name, expected) => {
    expect(isHidden(name)).toBe(expected);
  });

  test.each([
    ["pkg:oci/app?arch=amd64", true],
    ["pkg:oci/app@sha256%3Aaa?arch=arm64", false],
    ["pkg:oci/app@sha256%3Acc?arch=arm64", false],
  ])("of one platform by %s: %s", (name, expected) => {
    expect(isHidden(name, { ...image, platform: "linux/amd64" })).toBe(expected);
    expect(isHidden(name)).toBe(true);
  });

  test.each([
    ["nginx:1.25-RC", "pkg:oci/nginx@1.25-RC", true],
    ["nginx:1.25-RC", "pkg:docker/nginx@1.25-rc", false],
    ["nginx:1.25", "pkg:docker/nginx@1.25", true],
    ["nginx:1.25", "pkg:docker/library/nginx@1.25", true],
    ["docker.io/library/nginx:1.25", "pkg:docker/nginx@1.25", true],
    ["mirror.example/nginx:1.25", "pkg:docker/library/nginx@1.25", false],
    ["nginx:1.25", "pkg:oci/nginx?repository_url=index.docker.io/library/nginx", true],
    ["nginx:1.25", "pkg:oci/nginx?repository_url=docker.io", true],
    ["nginx", "pkg:oci/nginx", true],
    ["nginx", "pkg:oci/nginx@1.25", false],
    ["team/library/nginx", "pkg:oci/nginx?repository_url=team/nginx", false],
    ["example/docker.io/nginx", "pkg:oci/nginx?repository_url=example/nginx", false],
    ["localhost:5000/app", "pkg:oci/app?repository_url=localhost:5000/app", true],
    ["localhost:5000/app:2", "pkg:oci/app@2", true],
    ["Registry.example/App:V2@sha256:aa", "pkg:oci/app?tag=V2", true],
    ["Registry.example/App:V2@sha256:aa", "pkg:oci/app?tag=v2", false],
    ["team/app@sha256:aa", "pkg:oci/app@aa", false],
  ])("called %s, by %s: %s", (name, product, expected) => {
    expect(isHidden(product, named(name))).toBe(expected);
  });

  test("by any of its tags", () => {
    const tagged = { ...named("sha256:aa"), tags: ["team/other:1", "team/app:1.2"] };

    expect(isHidden("pkg:oci/app@1.2", tagged)).toBe(true);
    expect(isHidden("pkg:oci/app@1", tagged)).toBe(false);
  });

  test.each(["pkg:oci/app", "registry.example/team/app:1.2"])("by nothing where there is no image: %s", (product) => {
    expect(hidden(openvex({ ...fixed, products: [product] }), { artifact: undefined })).toEqual([]);
  });

  test.each([
    ["pkg:apk/wolfi/brotli", true],
    ["pkg:apk/wolfi/curl", false],
    ["urn:x", false],
  ])("and its part %s is meant alone: %s", (part, expected) => {
    for (const product of ["pkg:oci/app@sha256%3Aaa", "sha256:aa"])
      expect(isHidden({ "@id": product, subcomponents: [part] })).toBe(expected);
  });

  test("by no digest where it has none", () => {
    const plain: Artifact = { name: "app:1", kind: "container-image", layers: [] };

    expect(isHidden("sha256:aa", plain)).toBe(false);
    expect(isHidden("pkg:oci/app@sha256%3Aaa", plain)).toBe(false);
    expect(isHidden("pkg:oci/app@1", plain)).toBe(true);
  });

  test("and one of its parts that is named is enough", () => {
    expect(isHidden({ "@id": "pkg:oci/app", subcomponents: ["pkg:apk/wolfi/curl", "pkg:apk/wolfi/brotli"] })).toBe(
      true,
    );
  });
});

describe("a part of another package", () => {
  const app = pkg("pkg:golang/example.org/app@1.0", { locations: [{ path: "go.mod", evidence: "declared" }] });
  const root: Package = { ...app, relationship: "root" };
  const inFiles = (...paths: readonly string[]): Package => ({
    ...lodash,
    locations: paths.map((path) => ({ path, evidence: "declared" })),
  });
  const middle = pkg("pkg:npm/middle@1", { dependencies: ["not in the list", lodash.id] });
  const requiring = (holder: Package, ...ids: readonly string[]): Package => ({ ...holder, dependencies: ids });

  function isPart(whole: string, packages: readonly Package[], part = "pkg:npm/lodash"): boolean {
    const products = [{ "@id": whole, subcomponents: [{ "@id": part }] }];
    const document = openvex({ vulnerability: { name: "CVE-2021-23337" }, products, status: "not_affected" });
    return hidden(document, { packages }).length > 0;
  }

  test.each<[string, readonly Package[], boolean]>([
    ["it needs it", [requiring(app, lodash.id), lodash], true],
    ["it needs what needs it", [requiring(app, middle.id), middle, lodash], true],
    [
      "it needs what needs the other too",
      [requiring(app, middle.id), requiring(middle, app.id, lodash.id), lodash],
      true,
    ],
    ["the other needs it", [app, requiring(lodash, app.id)], false],
    ["nothing needs anything", [app, middle, lodash], false],
    ["another package needs it", [app, requiring(pkg("pkg:golang/example.org/other@1"), lodash.id), lodash], false],
    ["the project's lock file holds it", [root, inFiles("go.mod")], true],
    ["the lock file of what is no project holds it", [app, inFiles("go.mod")], false],
    ["the lock file of another project holds it", [root, inFiles("web/go.mod")], false],
    ["the lock files of both projects hold it", [root, inFiles("go.mod", "web/go.mod")], false],
    ["the project is found, and the other nowhere", [root, inFiles()], false],
    ["the other is not in the list", [root], false],
    [
      "the second of two projects of the name needs it",
      [root, requiring({ ...root, id: "2" }, lodash.id), lodash],
      true,
    ],
  ])("is found because %s: %j", (_why, packages, expected) => {
    expect(isPart("pkg:golang/example.org/app", packages)).toBe(expected);
  });

  test.each([
    ["pkg:golang/example.org/app@1.0", true],
    ["pkg:golang/example.org/app@1.1", false],
    ["pkg:golang/example.org/app?goos=linux", false],
    ["pkg:golang/example.com/app", false],
    ["pkg:npm/app", false],
  ])("is looked for in %s: %s", (whole, expected) => {
    expect(isPart(whole, [requiring(app, lodash.id), lodash])).toBe(expected);
  });

  test("may be the package itself", () => {
    expect(isPart("pkg:npm/lodash@4.17.20", [lodash])).toBe(true);
    expect(isPart("pkg:npm/lodash@4.17.20", [lodash], "pkg:npm/other")).toBe(false);
  });

  test("is told apart from the package, which alone is meant without parts", () => {
    const document = openvex({ ...fixed, vulnerability: "CVE-2021-23337", products: ["pkg:golang/example.org/app"] });

    expect(hidden(document, { packages: [requiring(app, lodash.id), lodash] })).toEqual([]);
  });

  test("is looked for among the packages of each run anew", () => {
    const products = [
      { "@id": "pkg:golang/example.org/app", subcomponents: ["pkg:npm/lodash", "pkg:apk/wolfi/brotli"] },
    ];
    const names = both.map(({ id }) => ({ vulnerability: id, products, status: "fixed" }));

    expect(hidden(openvex(...names), { packages: [requiring(app, brotli.id), brotli, lodash] })).toHaveLength(1);
    expect(
      hidden(openvex(...names), { packages: [requiring(app, brotli.id, lodash.id), brotli, lodash] }),
    ).toHaveLength(2);
  });
});

describe("the subject of an SBOM is the product", () => {
  const subject = (purl: string, version?: string): Artifact => ({
    name: "app",
    kind: "sbom",
    purl,
    ...(version === undefined ? {} : { version }),
    layers: [],
  });

  test.each([
    ["pkg:maven/com.example/app@1.0", undefined, "pkg:maven/com.example/app@1.0", true],
    ["pkg:maven/com.example/app@1.0", undefined, "pkg:maven/com.example/app", true],
    ["pkg:maven/com.example/app", "1.0", "pkg:maven/com.example/app@1.0", true],
    ["pkg:maven/com.example/app@1.0", undefined, "pkg:maven/com.example/app@1.1", false],
    ["pkg:maven/com.example/app@1.0", undefined, "pkg:maven/com.example/other@1.0", false],
    ["pkg:oci/web@sha256:ee?repository_url=registry.example/web", undefined, "pkg:oci/web@sha256%3Aee", true],
    ["pkg:oci/web@sha256:ee", undefined, "pkg:oci/web@sha256%3Aff", false],
  ])("%s (%s) by %s: %s", (purl, version, name, expected) => {
    expect(isHidden(name, subject(purl, version))).toBe(expected);
  });

  test("and its parts are those that the statement names", () => {
    const purl = "pkg:maven/com.example/app@1.0";
    const isPart = (part: string): boolean =>
      isHidden({ "@id": purl, subcomponents: [{ "@id": part }] }, subject(purl));

    expect(isPart(brotli.purl)).toBe(true);
    expect(isPart(lodash.purl)).toBe(false);
  });
});
