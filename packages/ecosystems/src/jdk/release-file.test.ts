import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { releaseFile } from "./release-file.ts";

test("a runtime says its version and who built it", async () => {
  const text =
    'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_RUNTIME_VERSION="17.0.15+6"\nJAVA_VERSION="17.0.15"\nOS_NAME="Linux"\n';
  const { packages } = await observe(releaseFile, "opt/java/openjdk/release", text);

  expect(packages).toEqual([
    {
      name: "openjdk",
      version: "17.0.15+6",
      supplier: "Eclipse Adoptium",
      facts: { javaVersion: "17.0.15" },
      cpes: ["cpe:2.3:a:oracle:openjdk:17.0.15:*:*:*:*:*:*:*"],
    },
  ]);
});

test.each(["", "NAME=other\n", "\0\0binary", "JAVA_VERSION"])(
  "a file that is another's release is passed over: %j",
  async (text) => {
    expect((await observe(releaseFile, "etc/release", text)).packages).toEqual([]);
  },
);
