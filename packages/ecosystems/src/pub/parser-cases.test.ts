import { testParserCases } from "@plimsoll/testkit";
import { pub } from "./index.ts";

const { analyzers } = pub;
const lock = (): string => "pubspec.lock";

testParserCases({
  folder: "dart/pub",
  analyzers,
  as: lock,
  // They do not mark development dependencies.
  checks: ["lines", "edges"],
  deviations: {
    "trivy-testparser-parse-use-minimum-version":
      "a package of the SDK has the version that the lock file states, as the other case of the same file expects",
  },
});
testParserCases({ folder: "dart/pubspec", analyzers, as: lock });
testParserCases({
  folder: "dart/analyzer-pub",
  analyzers,
  as: (path) => (path.includes("/cache/") ? undefined : lock()),
  checks: ["lines"],
});
testParserCases({
  folder: "dart/cataloger",
  analyzers,
  as: (path) => (path.endsWith(".yaml") ? "pubspec.yaml" : lock()),
  // They drop packages of an SDK that the lock file does not name; here they are marked as such.
  ignore: ({ facts }) => facts?.["source"] === "sdk",
  deviations: {
    "syft-testparsepubspeclock-standard-pubspec-lock":
      "they give a package of the SDK the SDK's version; here it has the one that the lock file states",
  },
});
