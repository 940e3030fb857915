import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { goDepLock } from "./dep-lock.ts";

test("projects of Gopkg.lock, by tag where there is one", async () => {
  const { packages, diagnostics } = await observe(
    goDepLock,
    "Gopkg.lock",
    `[[projects]]
  digest = "1:a"
  name = "github.com/pkg/errors"
  packages = ["."]
  revision = "645ef00459ed84a119197bfb8d8205042c6df63d"
  version = "v0.8.0"

[[projects]]
  branch = "master"
  name = "golang.org/x/sys"
  revision = "bd9dbc187b6e1dacfdd2722a87e83093c2d7bd6e"
  source = "https://example.org/sys.git"

[[projects]]
  version = "v1.0.0"
`,
  );

  expect(packages).toEqual([
    {
      name: "github.com/pkg/errors",
      version: "v0.8.0",
      facts: { revision: "645ef00459ed84a119197bfb8d8205042c6df63d" },
    },
    {
      name: "golang.org/x/sys",
      version: "",
      facts: { revision: "bd9dbc187b6e1dacfdd2722a87e83093c2d7bd6e", from: "https://example.org/sys.git" },
    },
  ]);
  expect(diagnostics).toHaveLength(1);
});
