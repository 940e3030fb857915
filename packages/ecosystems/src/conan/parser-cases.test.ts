import { testParserCases } from "@plimsoll/testkit";
import { conan } from "./index.ts";

const { analyzers } = conan;
const as = (path: string): string | undefined => (path.endsWith(".py") ? undefined : "conan.lock");

testParserCases({ folder: "cpp/conanlock", analyzers, as });
// They leave tools of the build out; here they are marked.
const ignore = ({ scope }: { readonly scope?: string }): boolean => scope === "dev";
// They name the target of an edge by its reference, not by its node.
const checks = ["dev", "lines"] as const;
testParserCases({ folder: "c/conan", analyzers, as, ignore, checks });
testParserCases({ folder: "c/analyzer-conan", analyzers, as, ignore, checks });
testParserCases({
  folder: "cpp/cataloger",
  analyzers,
  as: (path) => (path.endsWith("conaninfo.txt") || path.endsWith("conan.lock") ? path : "conanfile.txt"),
});
