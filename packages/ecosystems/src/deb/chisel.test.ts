import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { chisel } from "./chisel.ts";
import { snapBase } from "./snap-base.ts";
import { snapManifest } from "./snap-manifest.ts";

const path = "var/lib/chisel/manifest.wall";

/** A Zstandard frame of one block that is not compressed (RFC 8878 §3.1.1). */
function zstd(text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  const block = (content.length << 3) | 1;
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...[0, 8, 16, 24].map((shift) => (content.length >> shift) & 255)];
  return new Uint8Array([...header, block & 255, (block >> 8) & 255, (block >> 16) & 255, ...content]);
}

const manifest = [
  '{"jsonwall":"1.0","schema":"1.0","count":5}',
  '{"kind":"content","slice":"base-files_base","path":"/etc/"}',
  '{"kind":"content","slice":"base-files_release-info","path":"/etc/os-release"}',
  '{"kind":"package","name":"base-files","version":"13ubuntu10.2","sha256":"x","arch":"amd64"}',
  '{"kind":"package","name":"broken"}',
  "nonsense",
  '{"kind":"path","path":"/etc/os-release","slices":["base-files_base"]}',
  "",
].join("\n");

describe("deb/chisel", () => {
  test("reads packages and the files of their slices, and reports broken lines", async () => {
    const { all, packages, diagnostics } = await observe(chisel, path, zstd(manifest));

    expect(packages).toEqual([{ name: "base-files", version: "13ubuntu10.2", architecture: "amd64" }]);
    expect(all).toContainEqual({ kind: "ownership", owner: "base-files", paths: ["etc/os-release"] });
    expect(diagnostics).toHaveLength(2);
  });

  test("reports a manifest that ends early", async () => {
    const whole = zstd(manifest);

    expect((await observe(chisel, path, whole.subarray(0, whole.length - 20))).diagnostics.length).toBeGreaterThan(0);
    expect((await observe(chisel, path, "")).diagnostics).toHaveLength(1);
  });
});

testParserCases({ folder: "os/chisel", analyzers: [chisel], as: () => path });
testParserCases({ folder: "snap/cataloger", analyzers: [snapBase], as: () => "usr/share/snappy/dpkg.yaml" });

describe("deb/snap-manifest", () => {
  const path = "snap/shop/12/snap/manifest.yaml";

  test("what was primed, with its source and the snap's architecture", async () => {
    const { packages, diagnostics } = await observe(
      snapManifest,
      path,
      `snapcraft-version: '8.2'
name: shop
architectures: [amd64]
primed-stage-packages:
- libssl3=3.0.2-0ubuntu1.15
- libc6:i386=2.35-0ubuntu3.8
- libc6:i386=2.35-0ubuntu3.8
- broken
parts:
  shop:
    stage-packages: [left-out=1]
`,
    );

    expect(packages).toEqual([
      {
        name: "libssl3",
        version: "3.0.2-0ubuntu1.15",
        source: { name: "openssl", version: "3.0.2-0ubuntu1.15" },
        architecture: "amd64",
      },
      {
        name: "libc6",
        version: "2.35-0ubuntu3.8",
        source: { name: "glibc", version: "2.35-0ubuntu3.8" },
        architecture: "i386",
      },
    ]);
    expect(diagnostics).toMatchObject([{ code: "unknown-version" }]);
  });

  test("manifests of older tools name the packages of each part", async () => {
    const text = "name: shop\nparts:\n  a:\n    stage-packages: [zlib1g=1:1.2.11.dfsg-0ubuntu2]\n  b: {}\n";

    expect((await observe(snapManifest, path, text)).packages).toMatchObject([
      { name: "zlib1g", version: "1:1.2.11.dfsg-0ubuntu2" },
    ]);
  });
});
