import { testParserCases } from "@plimsoll/testkit";
import type { ParserCaseSuite } from "@plimsoll/testkit";
import { goModuleFiles, goVendorModules } from "./module-files.ts";

/** Without the `v` of Go's own spelling, and with the lower bound of the toolchain as if it were a package. */
const spelled: ParserCaseSuite["expected"] = (pkg) =>
  pkg.name === "stdlib"
    ? undefined
    : { ...pkg, ...(pkg.version === undefined ? {} : { version: pkg.version.replace(/^(?=\d)/, "v") }) };

testParserCases({
  folder: "golang/gomod",
  analyzers: [goModuleFiles],
  as: () => "go.mod",
  expected: spelled,
  ignore: ({ relationship }, { options }) => options["excludeIndirect"] === true && relationship === "indirect",
});
testParserCases({
  folder: "golang/mod",
  analyzers: [goModuleFiles],
  expected: spelled,
  // Replacements of a module in the module cache do not count.
  as: (path, { options }) =>
    options["replace"] === false ? `pkg/mod/github.com/org/repo@v1.0.0/${path.split("/").at(-1) ?? ""}` : path,
});
testParserCases({ folder: "golang/sum", analyzers: [goModuleFiles], as: () => "go.sum" });
testParserCases({ folder: "golang/vendormodules", analyzers: [goVendorModules], expected: spelled });
// Edges in these cases come from a module cache beside the project.
testParserCases({ folder: "golang/analyzer-mod", analyzers: [goModuleFiles], checks: ["dev", "lines"] });
testParserCases({ folder: "golang/cataloger", analyzers: [goModuleFiles] });
