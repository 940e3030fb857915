import type { Scanner } from "../scanners.ts";

/** The scanner for misconfigurations in the configuration files of an image or directory. Its checks are loaded when needed. */
export const misconfigurations: Scanner = {
  id: "misconfig",
  finds: "misconfiguration",
  async detectors() {
    return [(await import("./config-detector.ts")).configDetector];
  },
  async scan({ configs = [] }, { configChecks, now, ignorePaths }) {
    const { ConfigChecker } = await import("./check-configs.ts");
    const checker = new ConfigChecker(
      configs.map(({ path }) => path),
      { today: now, ...configChecks },
      ignorePaths,
    );
    for (const file of configs) await checker.check(file);
    const { findings, setAside, diagnostics, gaps } = checker.finish();
    return { findings, setAside, diagnostics, gaps, verdict: gaps.length === 0 ? "complete" : "partial" };
  },
};
