import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { marinerManifest } from "./mariner-manifest.ts";

const path = "var/lib/rpmmanifest/container-manifest-2";

describe("rpm/mariner-manifest", () => {
  test("reads the columns", async () => {
    const text =
      "mariner-release\t2.0-12.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t580\tnoarch\t0\tmariner-release-2.0-12.cm2.src.rpm\n" +
      "zlib\t1.2.12-1.cm2\t1\t2\tMicrosoft Corporation\t2\t580\tx86_64\t2\tzlib-1.2.12-1.cm2.src.rpm\n";

    expect((await observe(marinerManifest, path, text)).all).toEqual([
      {
        kind: "package",
        line: 1,
        package: {
          name: "mariner-release",
          version: "2.0-12.cm2",
          architecture: "noarch",
          source: { name: "mariner-release", version: "2.0-12.cm2" },
          supplier: "Microsoft Corporation",
          facts: { sourcerpm: "mariner-release-2.0-12.cm2.src.rpm" },
        },
      },
      {
        kind: "package",
        line: 2,
        package: expect.objectContaining({
          name: "zlib",
          version: "2:1.2.12-1.cm2",
          source: { name: "zlib", version: "2:1.2.12-1.cm2" },
        }) as unknown,
      },
    ]);
  });

  test("reports short lines and keeps the others", async () => {
    const { packages, diagnostics } = await observe(
      marinerManifest,
      path,
      "a\t1\n\nb\t1-1\t\t\t\t\t\tnoarch\t0\tb-1-1.src.rpm\nc\t",
    );

    expect(packages.map(({ name }) => name)).toEqual(["b"]);
    expect(diagnostics).toHaveLength(2);
  });
});
