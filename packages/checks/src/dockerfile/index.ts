import type { DockerfileCheck } from "../check.ts";
import { stageChecks } from "./stages.ts";
import { instructionChecks } from "./settings.ts";
import { packageChecks } from "./packages.ts";
import { runChecks } from "./run.ts";
import { secretChecks } from "./secrets.ts";

/** Every check of Dockerfiles. */
export const dockerfileChecks: readonly DockerfileCheck[] = [
  ...stageChecks,
  ...instructionChecks,
  ...packageChecks,
  ...runChecks,
  ...secretChecks,
];
