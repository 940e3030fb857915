import type { Scanner } from "../scanners.ts";
import { ConfigChecker } from "./check-configs.ts";
import { configDetector } from "./config-detector.ts";

/** What is wrong with configuration files in an image or a directory. */
export const misconfigurations: Scanner = {
  id: "misconfig",
  finds: "misconfiguration",
  detectors: [configDetector],
  scan({ configs = [] }, { configChecks, now }) {
    const checker = new ConfigChecker(
      configs.map(({ path }) => path),
      { today: now, ...configChecks },
    );
    for (const file of configs) checker.check(file);
    const { findings, setAside, diagnostics, gaps } = checker.finish();
    return Promise.resolve({
      findings,
      setAside,
      diagnostics,
      gaps,
      verdict: gaps.length === 0 ? ("complete" as const) : ("partial" as const),
    });
  },
};
