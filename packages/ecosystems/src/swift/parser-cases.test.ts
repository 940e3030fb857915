import { testParserCases } from "@plimsoll/testkit";
import { swift } from "./index.ts";

const { analyzers } = swift;
const as = (): string => "Package.resolved";

testParserCases({ folder: "swift/swift", analyzers, as });
testParserCases({ folder: "swift/analyzer-swift", analyzers, as });
testParserCases({ folder: "swift/packageresolved", analyzers, as });
testParserCases({
  folder: "swift/cataloger",
  analyzers,
  as: (path) => (path.endsWith("Package.resolved") ? as() : undefined),
  // They name packages by their last part and keep the rest in the purl.
  expected: (pkg) => {
    const purl = (pkg as { readonly purl?: string }).purl ?? "";
    return purl.startsWith("pkg:swift/") ? { ...pkg, name: purl.slice(10, purl.indexOf("@")) } : undefined;
  },
});
