import { testParserCases } from "@plimsoll/testkit";
import { cocoapods } from "./index.ts";

const { analyzers } = cocoapods;
const as = (): string => "Podfile.lock";

testParserCases({ folder: "swift/cocoapods", analyzers, as });
testParserCases({
  folder: "swift/analyzer-cocoapods",
  analyzers,
  as,
});
testParserCases({ folder: "swift/podfilelock", analyzers, as });
testParserCases({
  folder: "swift/cataloger",
  analyzers,
  as: (path) => (path.endsWith("Podfile.lock") ? path : undefined),
  expected: (pkg) =>
    (pkg as { readonly purl?: string }).purl?.startsWith("pkg:cocoapods/") === true ? pkg : undefined,
});
