import { pino } from "pino";
import type { ServiceLog } from "./service-core.ts";

/** Log levels, from the most to the least verbose. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof logLevels)[number];

/** A log of JSON lines on stderr. Members that could contain credentials, such as request headers, are redacted. */
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
