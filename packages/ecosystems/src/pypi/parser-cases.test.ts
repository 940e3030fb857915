import { testParserCases } from "@plimsoll/testkit";
import type { ParserCaseSuite } from "@plimsoll/testkit";
import { pyprojectManifest, setupScript } from "./manifests.ts";
import { pypiMetadata } from "./metadata.ts";
import { normalizeName } from "./name.ts";
import { pipfileLock } from "./pipfile-lock.ts";
import { pypiRequirements } from "./requirements-file.ts";
import { pypiRequested } from "./requested.ts";
import { poetryLock } from "./poetry-lock.ts";
import { pyLock } from "./pylock.ts";
import { pdmLock, uvLock } from "./toml-locks.ts";

/** Lower bounds that another tool takes for versions, and what it follows into further files, are not compared. */
const pinnedHere: ParserCaseSuite["expected"] = (pkg, { entry }) => {
  const comparator = pkg.metadata?.["versionComparator"];
  // A location without a path of its own is a file that the entry includes.
  const elsewhere = pkg.location !== undefined && !entry.some((path) => pkg.location?.path?.endsWith(path) === true);
  return elsewhere || (comparator !== undefined && !String(comparator).startsWith("==")) ? undefined : pkg;
};

function guesses(settings: unknown): boolean {
  return (settings as { readonly guessUnpinnedRequirements?: unknown } | undefined)?.guessUnpinnedRequirements === true;
}

testParserCases({ folder: "python/analyzer-packaging", analyzers: [pypiMetadata] });
testParserCases({ folder: "python/packaging", analyzers: [pypiMetadata], as: () => "site-packages/any.egg-info" });
testParserCases({
  folder: "python/wheelegg",
  analyzers: [pypiMetadata],
  as: () => "site-packages/any.dist-info/METADATA",
});
testParserCases({ folder: "python/analyzer-pip", analyzers: [pypiRequirements] });
testParserCases({
  folder: "python/pip",
  analyzers: [pypiRequirements, pypiRequested],
  ignore: ({ facts }, { options }) => facts?.["requirement"] !== undefined && options["useMinVersion"] !== true,
});
testParserCases({
  folder: "python/requirements",
  analyzers: [pypiRequirements],
  as: () => "requirements.txt",
  // There, text that follows a version stays part of it; versions have no white space.
  expected: (pkg, parserCase) => {
    const version = pkg.version?.split(/\s/, 1)[0];
    return pinnedHere({ ...pkg, ...(version === undefined ? {} : { version }) }, parserCase);
  },
  // Addresses are not read there, also not of wheels, which name what pip installs.
  ignore: ({ origin }) => origin === "archive",
});
testParserCases({ folder: "python/pipenv", analyzers: [pipfileLock], as: () => "Pipfile.lock" });
testParserCases({ folder: "python/pipfilelock", analyzers: [pipfileLock], as: () => "Pipfile.lock" });
testParserCases({ folder: "python/poetry", analyzers: [poetryLock], as: () => "poetry.lock" });
testParserCases({ folder: "python/poetrylock", analyzers: [poetryLock], as: () => "poetry.lock" });
testParserCases({ folder: "python/analyzer-poetry", analyzers: [poetryLock] });
testParserCases({
  folder: "python/uv",
  analyzers: [uvLock],
  as: () => "uv.lock",
  deviations: { "trivy-testparser-parse-lockfile-without-root": "packages are packages, whoever asks for them" },
});
testParserCases({ folder: "python/uvlock", analyzers: [uvLock], as: () => "uv.lock" });
testParserCases({ folder: "python/analyzer-uv", analyzers: [uvLock] });
testParserCases({ folder: "python/pdmlock", analyzers: [pdmLock], as: () => "pdm.lock" });
testParserCases({ folder: "python/pylock", analyzers: [pyLock], as: () => "pylock.toml" });
testParserCases({ folder: "python/analyzer-pylock", analyzers: [pyLock] });
testParserCases({
  folder: "python/cataloger",
  analyzers: [pypiMetadata, pypiRequirements, pypiRequested, pipfileLock, poetryLock, uvLock, setupScript],
  spelling: normalizeName,
  // Syft leaves these out unless asked for.
  ignore: ({ scope, facts }, { options }) =>
    scope === "dev" || (facts?.["requirement"] !== undefined && !guesses(options["cfg"])),
});
testParserCases({ folder: "python/setup", analyzers: [setupScript], as: () => "setup.py", expected: pinnedHere });
testParserCases({
  folder: "python/pyprojecttoml",
  analyzers: [pyprojectManifest],
  as: () => "pyproject.toml",
  expected: pinnedHere,
});
