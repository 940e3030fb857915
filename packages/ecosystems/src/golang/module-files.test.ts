import { observe, processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { goModuleFiles } from "./module-files.ts";

const app = `module example.org/app

go 1.22

require (
	example.org/lib v1.2.0
	example.org/other v1.0.0
	example.org/fork v1.0.0
)

replace example.org/other => example.org/mine v1.1.0
`;

describe("a workspace", () => {
  const work = `go 1.22

use (
	./app
	./libs/lib
	./gone
)

replace example.org/other v1.0.0 => example.org/ours v1.3.0
`;

  test("puts its modules and replacements in place of what they require", async () => {
    const { all, diagnostics } = await observe(goModuleFiles, "src/app/go.mod", app, {
      "src/go.work": work,
      "src/libs/lib/go.mod": "module example.org/lib\n\ngo 1.22\n",
      "elsewhere/go.mod": app,
    });

    const found = all.flatMap((one) =>
      one.kind === "package" && one.package.relationship !== "root"
        ? [[one.at, one.package.name, one.package.version, one.package.facts ?? {}, one.line]]
        : [],
    );
    expect(found).toEqual([
      ["elsewhere/go.mod", "example.org/lib", "v1.2.0", {}, 6],
      ["elsewhere/go.mod", "example.org/mine", "v1.1.0", { replaces: "example.org/other" }, 11],
      ["elsewhere/go.mod", "example.org/fork", "v1.0.0", {}, 8],
      ["src/app/go.mod", "example.org/lib", "", { from: "./libs/lib" }, 6],
      ["src/app/go.mod", "example.org/ours", "v1.3.0", { replaces: "example.org/other" }, 7],
      ["src/app/go.mod", "example.org/fork", "v1.0.0", {}, 8],
    ]);
    expect(diagnostics).toEqual([]);
  });

  test("that is none is reported, and the modules are read as they are", async () => {
    const { packages, diagnostics } = await observe(goModuleFiles, "app/go.mod", app, { "go.work": "<html>" });

    expect(packages.map(({ name }) => name)).toContain("example.org/mine");
    expect(diagnostics).toMatchObject([{ message: "go.work: is no go.work: it uses no module" }]);
  });

  test("with many modules is read in linear time", async () => {
    const uses = Array.from({ length: 20_000 }, (_, at) => `use ./m${at}`).join("\n");
    const started = processorTime();

    await observe(goModuleFiles, "go.work", uses, {});

    expect(processorTime() - started).toBeLessThan(1_500);
  });
});

test("a version that the module excludes is not taken for the one that is used", async () => {
  const text = `module example.org/app

go 1.22

require example.org/lib v1.2.0
require example.org/other v1.0.0

exclude (
	example.org/lib v1.2.0
	example.org/other v0.9.0
)
`;
  const { packages, diagnostics } = await observe(goModuleFiles, "go.mod", text);

  expect(packages.map(({ name }) => name)).toEqual(["example.org/other", "example.org/app"]);
  expect(diagnostics).toMatchObject([{ code: "unresolved-dependencies", effect: "incomplete", location: { line: 5 } }]);
  expect(diagnostics[0]?.message).toContain("excludes example.org/lib v1.2.0");
});
