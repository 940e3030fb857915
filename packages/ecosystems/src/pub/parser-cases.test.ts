import { testParserCases } from "@plimsoll/testkit";
import type { ParserCaseSuite } from "@plimsoll/testkit";
import { pub } from "./index.ts";

const { analyzers } = pub;
const lock = (): string => "pubspec.lock";

const isGuess: ParserCaseSuite["ignore"] = ({ facts }) => facts?.["requirement"] !== undefined;

testParserCases({
  folder: "dart/pub",
  analyzers,
  as: lock,
  // They do not mark development dependencies.
  checks: ["lines", "edges"],
  // With the option, a package of the SDK has the SDK's version alone.
  ignore: ({ facts }, { options }) =>
    facts?.["source"] === "sdk" && (facts["requirement"] !== undefined) !== (options["useMinVersion"] === true),
});
testParserCases({ folder: "dart/pubspec", analyzers, as: lock, ignore: isGuess });
testParserCases({
  folder: "dart/analyzer-pub",
  analyzers,
  as: (path) => (path.includes("/cache/") ? undefined : lock()),
  checks: ["lines"],
  ignore: isGuess,
});
testParserCases({
  folder: "dart/cataloger",
  analyzers,
  as: (path) => (path.endsWith(".yaml") ? "pubspec.yaml" : lock()),
  // They drop packages of an SDK that the lock file does not name; here they are marked as such.
  ignore: ({ facts }) => facts?.["source"] === "sdk",
});
