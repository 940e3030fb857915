import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { condaPip } from "./conda-files.ts";

test("what pip installs beside conda: pinned requirements, and locked packages once for all platforms", async () => {
  const environment = await observe(
    condaPip,
    "environment.yml",
    "dependencies:\n- openssl=1.1.1k\n- pip\n- pip:\n  - django==3.2.1\n  - -r more.txt\n  - flask>=1\n",
  );
  const lock = await observe(
    condaPip,
    "conda-lock.yml",
    `package:
- {name: openssl, version: 1.1.1k, manager: conda, platform: linux-64}
- {name: django, version: 3.2.1, manager: pip, platform: linux-64, url: "https://files.pythonhosted.org/d.whl"}
- {name: django, version: 3.2.1, manager: pip, platform: osx-64, url: "https://files.pythonhosted.org/d.whl"}
- {name: pytest, version: 7.0.0, manager: pip, category: dev}
- {name: own, version: 1.0.0, manager: pip, url: "git+https://example.com/own.git@abc"}
`,
  );

  expect(environment.all).toEqual([
    { kind: "package", package: { name: "django", version: "3.2.1", relationship: "direct" }, line: 5 },
  ]);
  expect(lock.packages).toEqual([
    { name: "django", version: "3.2.1" },
    { name: "pytest", version: "7.0.0", scope: "dev" },
    { name: "own", version: "1.0.0", origin: "repository" },
  ]);
});

test.each(["- pip", "pip: ["])("%j is named by the analyzers of conda alone", async (text) => {
  expect((await observe(condaPip, "environment.yaml", text)).all).toEqual([]);
});

test.each(["dependencies: [{pip: 7}]", "dependencies: {pip: []}", "package: pip"])("%j is told", async (text) => {
  expect((await observe(condaPip, "environment.yaml", text)).diagnostics).toHaveLength(1);
});
