// What the options of a scan may be, for callers whom no types have checked.
import { fixStatuses, optionIs, severities } from "@plimsoll/model";
import type { OptionChecks, ScannerId } from "@plimsoll/model";
import { attestedChecks } from "./attested-option.ts";
import { everyScanner } from "./scanners.ts";
import type { AnalyzeOptions, ScanInventoryOptions, ScanOptions } from "./scan-image.ts";

const scannerIds: readonly ScannerId[] = everyScanner.map(({ id }) => id);

const ecosystems = optionIs.listOf(optionIs.having("advisoryKeys"));
const evidence = optionIs.listOf(optionIs.oneOf(["installed", "declared", "requested"]));

/** Options of taking an inventory. */
export const analyzeChecks: OptionChecks<AnalyzeOptions> = {
  ecosystems,
  scanners: optionIs.listOf(optionIs.oneOf(scannerIds)),
  licenses: optionIs.object,
  detectors: optionIs.listOf(optionIs.object),
  platform: optionIs.platform,
  cache: optionIs.having("get", "set"),
  limits: optionIs.limits,
  onEvent: optionIs.call,
  scratch: optionIs.call,
  engine: optionIs.having("inflateRaw", "sha1"),
  concurrency: optionIs.count,
  evidence,
  baseImage: optionIs.either(optionIs.listOf(optionIs.text), optionIs.having("open")),
  signal: optionIs.signal,
};

/** Options of scanning an inventory. */
export const scanChecks: OptionChecks<ScanInventoryOptions<ScannerId>> = {
  scanners: analyzeChecks.scanners,
  advisories: optionIs.having("find", "read", "enrich", "covers"),
  ecosystems,
  ownedPackages: optionIs.oneOf(["distribution", "both"]),
  onEvent: optionIs.call,
  now: optionIs.time,
  maxDbAge: optionIs.count,
  licenses: optionIs.object,
  configChecks: optionIs.object,
  signal: optionIs.signal,
  severities: optionIs.listOf(optionIs.oneOf(severities)),
  ignoreUnfixed: optionIs.flag,
  ignoreStatuses: optionIs.listOf(optionIs.oneOf(fixStatuses)),
  packageTypes: optionIs.listOf(optionIs.oneOf(["os", "library"])),
  ignorePaths: optionIs.listOf(optionIs.text),
  triage: optionIs.listOf(optionIs.having("judge")),
  attested: optionIs.shape(attestedChecks),
  createdAt: optionIs.time,
};

/** Checks of the options of {@link scanImage}: of taking an inventory and of scanning it. */
export const imageChecks: OptionChecks<ScanOptions<ScannerId>> = { ...analyzeChecks, ...scanChecks };
