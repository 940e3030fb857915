import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { workspaceState } from "./workspace-state.ts";

test("what the Swift package manager checked out, and not what lies beside the project", async () => {
  const entry = (kind: string, location: string, state: object): object => ({
    basedOn: null,
    packageRef: { identity: "x", kind, location, name: "x" },
    state,
    subpath: "x",
  });
  const document = {
    object: {
      artifacts: [],
      dependencies: [
        entry("remoteSourceControl", "https://github.com/apple/swift-nio.git", {
          checkoutState: { revision: "4b2", version: "2.41.1" },
          name: "sourceControlCheckout",
        }),
        entry("remoteSourceControl", "git@github.com:acme/branchy.git", {
          checkoutState: { revision: "0ff", branch: "main" },
          name: "sourceControlCheckout",
        }),
        entry("fileSystem", "/src/mine", { name: "fileSystem", path: "/src/mine" }),
      ],
    },
    version: 6,
  };
  const { packages } = await observe(workspaceState, "src/.build/workspace-state.json", JSON.stringify(document));

  expect(packages).toEqual([
    { name: "github.com/apple/swift-nio", version: "2.41.1", facts: { revision: "4b2" } },
    { name: "github.com/acme/branchy", version: "main", facts: { revision: "0ff" } },
  ]);
});

test.each(["[]", "{", "7"])("%s is reported", async (text) => {
  expect((await observe(workspaceState, ".build/workspace-state.json", text)).diagnostics).toHaveLength(1);
});
