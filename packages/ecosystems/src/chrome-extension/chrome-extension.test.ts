import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { chromeExtension } from "./index.ts";

const [manifest] = chromeExtension.analyzers as readonly [FileAnalyzer];
const path = "root/.config/chromium/Default/Extensions/hlepfoohegkhhmjieoechaddaejaokhf/25.7.1_0/manifest.json";

test("the place gives the id, the manifest version and title", async () => {
  const { packages } = await observe(
    manifest,
    path,
    '{"name":"Refined GitHub","version":"25.7.1","manifest_version":3}',
  );

  expect(packages).toEqual([
    { name: "hlepfoohegkhhmjieoechaddaejaokhf", version: "25.7.1", facts: { title: "Refined GitHub" } },
  ]);
  expect(packages.map((pkg) => chromeExtension.purl(pkg, undefined))).toEqual([
    "pkg:chrome-extension/hlepfoohegkhhmjieoechaddaejaokhf@25.7.1",
  ]);
});

test.each(["{", "[]", "7", '{"name":"a"}', '{"version":7}'])("%s is reported", async (text) => {
  const { packages, diagnostics } = await observe(manifest, path, text);

  expect(packages).toEqual([]);
  expect(diagnostics).toHaveLength(1);
});

test("manifests in other places are other programs' files", async () => {
  expect((await observe(manifest, "app/public/manifest.json", '{"name":"a","version":"1"}')).all).toEqual([]);
});

testParserCases({
  folder: "misc/chrome-extensions",
  analyzers: [manifest],
  deviations: {
    "scalibr-testextractor-extract-default-locale-specified-but-no-message-file-provided":
      "an extension whose title cannot be translated is one all the same; the case of a translated title has no translations here either",
  },
});
