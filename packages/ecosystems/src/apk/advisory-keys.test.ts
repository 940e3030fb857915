import type { Distro, Package } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { releaseOfRepositories, repositories } from "./advisory-keys.ts";
import { apk } from "./index.ts";

const pkg: Package = {
  id: "1",
  ecosystem: "apk",
  purl: "pkg:apk/alpine/libssl1.1@1.1.1d-r2",
  name: "libssl1.1",
  version: "1.1.1d-r2",
  architecture: "x86_64",
  source: { name: "openssl", version: "1.1.1d-r2" },
  locations: [],
};

describe("advisory keys of apk", () => {
  test.each([
    [{ id: "alpine", versionId: "3.10.9" }, "Alpine:v3.10"],
    [{ id: "alpine", versionId: "3.9.0", facts: { "apk-repository": "v3.11" } }, "Alpine:v3.11"],
    [{ id: "alpine", versionId: "3.9.0", facts: { "apk-repository": "edge" } }, "Alpine:edge"],
    [{ id: "alpine", versionId: "3.21_alpha20240923" }, "Alpine:edge"],
    [{ id: "postmarketos", versionId: "23.12" }, "Alpine:v3.19"],
    [{ id: "wolfi", versionId: "20230201" }, "Wolfi"],
    [{ id: "chainguard", versionId: "20230214" }, "Chainguard"],
    [{ id: "cleanstart", versionId: "1.0.0" }, "CleanStart"],
    [{ id: "minimos" }, "MinimOS"],
    [{ id: "alpaquita", versionId: "23" }, "Alpaquita:23"],
    [{ id: "bellsoft-hardened-containers", versionId: "25" }, "BellSoft Hardened Containers:25"],
  ])("of %j are kept under %s, by origin", (distro, namespace) => {
    expect(apk.advisoryKeys(pkg, distro)).toEqual([{ namespace, name: "openssl", version: "1.1.1d-r2" }]);
    expect(apk.lookupGap?.(pkg, distro)).toBeUndefined();
  });

  test.each([
    [undefined, "unknown-distro"],
    [{ id: "openwrt", versionId: "24.10" }, "unsupported-distro"],
    [{ id: "alpine" }, "unsupported-distro"],
    [{ id: "alpine", versionId: "nonsense" }, "unsupported-distro"],
    [{ id: "alpaquita" }, "unsupported-distro"],
  ])("there are none of %j, and the gap says why", (distro, code) => {
    expect(apk.advisoryKeys(pkg, distro)).toEqual([]);
    expect(apk.lookupGap?.(pkg, distro)?.code).toBe(code);
  });

  test.each<[Distro, Partial<Package>, string[]]>([
    [
      { id: "alpine", versionId: "3.19.1" },
      { version: "1.1.1d-r10071" },
      ["Root:Alpine:3.19 openssl", "Alpine:v3.19 openssl"],
    ],
    [
      { id: "alpine", versionId: "3.19.1" },
      { name: "seal-zlib", source: { name: "seal-zlib", version: "1" } },
      ["Seal:Alpine seal-zlib"],
    ],
    [
      { id: "alpine", versionId: "3.18.4", facts: { rapidfort: "curated" } },
      {},
      ["RapidFort:Alpine:3.18 openssl", "RapidFort:Alpine:3.18 libssl1.1", "Alpine:v3.18 openssl"],
    ],
  ])("on %j, %j, which somebody else built, is kept under %j", (distro, found, keys) => {
    expect(apk.advisoryKeys({ ...pkg, ...found }, distro).map(({ namespace, name }) => `${namespace} ${name}`)).toEqual(
      keys,
    );
  });

  test("the purl names distribution, architecture and origin", () => {
    expect(apk.purl(pkg, { id: "alpine", versionId: "3.10.9" })).toBe(
      "pkg:apk/alpine/libssl1.1@1.1.1d-r2?arch=x86_64&distro=alpine-3.10.9&upstream=openssl",
    );
    expect(apk.purl({ name: "a", version: "1" }, undefined)).toBe("pkg:apk/alpine/a@1");
  });
});

describe("apk/repositories", () => {
  test.each([
    [
      "https://dl-cdn.alpinelinux.org/alpine/v3.10/main\nhttps://dl-cdn.alpinelinux.org/alpine/v3.10/community\n",
      "v3.10",
    ],
    ["@edge https://dl-cdn.alpinelinux.org/alpine/edge/main\nhttp://mirror/alpine/v3.9/main", "v3.9"],
    ["http://mirror/alpine/edge/main\n", "edge"],
    ["# http://mirror/alpine/edge/main\n/media/cdrom/apks\n", undefined],
    ["", undefined],
  ])("reads %j as %s", (text, release) => {
    expect(releaseOfRepositories(text)).toBe(release);
  });

  test("counts for Alpine only", async () => {
    const { all } = await observe(repositories, "etc/apk/repositories", "http://mirror/alpine/edge/main\n");

    expect(all).toEqual([
      { kind: "distro", distro: { facts: { "apk-repository": "edge" } }, rank: 110, onlyFor: "alpine" },
    ]);
  });
});
