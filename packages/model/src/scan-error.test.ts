import { expect, test } from "vitest";
import { ScanError } from "./scan-error.ts";

test("an error names some of many images and platforms, and says how many more there are", () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `app:${at}`);

  const ambiguous = new ScanError({ kind: "ambiguous-image", label: "a.tar", choices: names });
  const unfit = new ScanError({ kind: "platform-not-found", label: "a.tar", wanted: "linux/arm64", available: names });

  expect(ambiguous.message).toMatch(/choose one: app:0, .*, app:19, and 99980 more$/);
  expect(unfit.message).toMatch(/it has app:0, .*, app:19, and 99980 more$/);
});
