import { pino } from "pino";
import type { ServiceLog } from "./service-core.ts";

/** How much is said. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof logLevels)[number];

/** JSON lines on stderr. What could be a credential is replaced, should anything ever log a request's headers or a connection. */
export function createLog(level: LogLevel): ServiceLog {
  const options = {
    level,
    redact: {
      paths: [
        "headers",
        "*.headers",
        "authorization",
        "*.authorization",
        "connectionString",
        "*.connectionString",
        "password",
        "*.password",
      ],
      censor: "[redacted]",
    },
  };
  return pino(options, pino.destination({ fd: 2, sync: true }));
}
