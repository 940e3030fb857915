import { testParserCases } from "@plimsoll/testkit";
import { miseConfig, nodeVersionFile, toolVersions } from "./tool-files.ts";

testParserCases({ folder: "runtime/asdf", analyzers: [toolVersions] });
testParserCases({ folder: "runtime/mise", analyzers: [miseConfig], as: () => "mise.toml" });
testParserCases({ folder: "runtime/nodejs-nodeversion", analyzers: [nodeVersionFile], as: () => ".node-version" });
testParserCases({ folder: "runtime/nodejs-nvm", analyzers: [nodeVersionFile], as: () => ".nvmrc" });
