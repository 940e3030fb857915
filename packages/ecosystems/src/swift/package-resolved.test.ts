import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { packageResolved } from "./package-resolved.ts";

test("packages of a registry are named by their identity, others by where they come from", async () => {
  const { packages, diagnostics } = await observe(
    packageResolved,
    "Package.resolved",
    JSON.stringify({
      pins: [
        { identity: "mona.LinkedList", kind: "registry", location: "", state: { version: "1.1.0" } },
        {
          identity: "swift-nio",
          kind: "remoteSourceControl",
          location: "https://github.com/apple/swift-nio.git",
          state: { revision: "4b2", version: "2.41.1" },
        },
        { identity: "mine", kind: "localSourceControl", location: "", state: { version: "1.0.0" } },
      ],
      version: 3,
    }),
  );

  expect(packages).toEqual([
    { name: "mona.LinkedList", version: "1.1.0" },
    { name: "github.com/apple/swift-nio", version: "2.41.1", facts: { revision: "4b2" } },
  ]);
  expect(diagnostics).toEqual([]);
});
