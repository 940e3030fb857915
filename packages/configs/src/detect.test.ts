import { describe, expect, test } from "vitest";
import { sharedFile } from "@plimsoll/testkit";
import { detectConfigTypes } from "./detect.ts";

interface Row {
  readonly case: string;
  readonly path: string;
  readonly content: string | null;
  readonly types: readonly string[];
}

describe.skipIf(sharedFile("conformance/misconfig/detect.json") === undefined)(
  "kinds of files are those that Trivy sees",
  () => {
    const text = sharedFile("conformance/misconfig/detect.json");
    const rows = text === undefined ? [] : (JSON.parse(text) as Row[]);
    test.skipIf(rows.length === 0).each(rows)("$case", ({ path, content, types }) => {
      expect([...detectConfigTypes(path, content ?? undefined)].sort()).toEqual([...types].sort());
    });
  },
);

test.each([
  ["compose.yaml", "services:\n  web:\n    image: nginx\n", "compose"],
  ["stack.yml", "services:\n  web: {build: .}\n", "compose"],
  ["kustomization.yaml", "resources: [a.yaml]\n", "kustomize"],
  ["build/image", "# syntax=docker/dockerfile:1\nFROM a\n", "dockerfile"],
  ["Dockerfile.prod", undefined, "dockerfile"],
])("%s is told by its name or text", (path, text, type) => {
  expect(detectConfigTypes(path, text)).toContain(type);
});
