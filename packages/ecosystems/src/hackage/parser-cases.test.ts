import { testParserCases } from "@plimsoll/testkit";
import { hackage } from "./index.ts";

const { analyzers } = hackage;

testParserCases({ folder: "haskell/cabal", analyzers, as: () => "cabal.project.freeze" });
testParserCases({ folder: "haskell/stacklock", analyzers, as: () => "stack.yaml.lock" });
testParserCases({ folder: "haskell/cataloger", analyzers });
