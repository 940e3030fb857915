import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { spack } from "./index.ts";

const [specification] = spack.analyzers as readonly [FileAnalyzer];
const path = "opt/spack/zlib/.spack/spec.json";

test("reads nodes, but not what the system provides, and reports holes", async () => {
  const text = JSON.stringify({
    spec: {
      nodes: [
        { name: "zlib", version: "1.3", hash: "abc", arch: { target: "x86_64" } },
        { name: "glibc", version: "2.39", external: { path: "/usr" } },
        { name: "nothing" },
      ],
    },
  });

  const { packages, diagnostics } = await observe(specification, path, text);

  expect(packages).toEqual([
    { name: "zlib", version: "1.3", key: "abc", architecture: "x86_64", facts: { hash: "abc" } },
  ]);
  expect(diagnostics).toHaveLength(1);
});

testParserCases({ folder: "os/spack", analyzers: [specification], as: () => path });
