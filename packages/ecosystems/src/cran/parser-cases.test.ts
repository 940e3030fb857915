import { testParserCases } from "@plimsoll/testkit";
import { cran } from "./index.ts";

testParserCases({
  folder: "r/renvlock",
  analyzers: cran.analyzers,
  as: () => "renv.lock",
  // They only know CRAN.
  ignore: ({ facts }) => facts?.["repository"] === "Bioconductor",
});
