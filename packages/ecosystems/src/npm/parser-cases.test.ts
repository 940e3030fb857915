import { parserCases, testParserCases } from "@plimsoll/testkit";
import { bunLock } from "./bun-lock.ts";
import { denoLock } from "./deno.ts";
import { npmInstalled } from "./installed.ts";
import { npmPackageLock } from "./package-lock.ts";
import { denoRequested, npmRequested } from "./requested.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { yarnLock } from "./yarn-lock.ts";

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
const shrinkwraps = parserCases("javascript/packagelockjson")
  .flatMap(({ files }) => [...files])
  .filter(([path]) => path.includes("/") && path.endsWith("/npm-shrinkwrap.json"));

testParserCases({
  folder: "javascript/packagelockjson",
  analyzers: [npmPackageLock],
  as: (path) => (path.endsWith("npm-shrinkwrap.json") ? path : path.replace(/[^/]*$/, "package-lock.json")),
  // Cases of one project have one of its files each; a shrinkwrap beside the file speaks for itself.
  beside: ({ entry }) => shrinkwraps.filter(([path]) => entry.some((one) => directoryOf(one) === directoryOf(path))),
  ignore: (_, { entry }, path) => path.endsWith("npm-shrinkwrap.json") && !entry.includes(path),
});
testParserCases({ folder: "nodejs/npm", analyzers: [npmPackageLock], as: () => "package-lock.json" });
testParserCases({ folder: "nodejs/analyzer-npm", analyzers: [npmPackageLock] });
testParserCases({
  folder: "nodejs/analyzer-pkg",
  analyzers: [npmInstalled],
  as: () => "app/node_modules/any/package.json",
});
testParserCases({
  folder: "javascript/packagejson",
  analyzers: [npmInstalled, npmRequested],
  as: () => "app/package.json",
  ignore: ({ facts }, { options }) => facts?.["requirement"] !== undefined && options["includeDeps"] !== true,
});
testParserCases({
  folder: "javascript/denojson",
  analyzers: [denoRequested],
  // What comes from JSR is no npm package.
  expected: (pkg) => (pkg.purlType === "jsr" ? undefined : pkg),
});

testParserCases({ folder: "javascript/yarnlock", analyzers: [yarnLock], as: () => "yarn.lock" });
testParserCases({
  folder: "nodejs/yarn",
  analyzers: [yarnLock],
  as: () => "yarn.lock",
  deviations: { "trivy-testparse-happy-v2": "a package that Yarn patches is that package" },
});
testParserCases({ folder: "nodejs/analyzer-yarn", analyzers: [yarnLock], beside: ({ files }) => files });
testParserCases({ folder: "javascript/bunlock", analyzers: [bunLock], as: () => "bun.lock" });
testParserCases({ folder: "nodejs/bun", analyzers: [bunLock], as: () => "bun.lock" });
testParserCases({ folder: "nodejs/analyzer-bun", analyzers: [bunLock] });
testParserCases({ folder: "javascript/pnpmlock", analyzers: [pnpmLock], as: () => "pnpm-lock.yaml" });
testParserCases({ folder: "nodejs/pnpm", analyzers: [pnpmLock], as: () => "pnpm-lock.yaml" });
testParserCases({ folder: "nodejs/analyzer-pnpm", analyzers: [pnpmLock] });
const cut =
  "what is asked for has no entry in this file, which was cut; three cases of javascript/pnpmlock say that it is not locked";

testParserCases({
  folder: "javascript/cataloger",
  analyzers: [npmPackageLock, yarnLock, pnpmLock, bunLock, denoLock],
  as: (path, { entry }) => (entry[0]?.startsWith("pkg-lock/") === true ? "package-lock.json" : path),
  // Syft leaves these out unless asked for.
  ignore: ({ scope }) => scope === "dev",
  // What comes from JSR and from addresses is no npm package.
  expected: (pkg) => (pkg.name.startsWith("@std/") || pkg.name === "deno.land/std" ? undefined : pkg),
  deviations: {
    "syft-testparsepnpmlock-testparsepnpmlock": cut,
    "syft-testparsepnpmlock-exclud-testparsepnpmlock-excludedevdependencies": cut,
  },
});
