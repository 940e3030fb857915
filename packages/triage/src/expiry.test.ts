import { describe, expect, onTestFinished, test, vi } from "vitest";
import { momentOf, readExpiry } from "./expiry.ts";

describe("a rule expires", () => {
  test.each([
    ["2025-01-01", "2025-01-01T00:00:00.000Z"],
    [" 2025-01-01 ", "2025-01-01T00:00:00.000Z"],
    ["2025-01-01T12:30", "2025-01-01T12:30:00.000Z"],
    ["2025-01-01 12:30:15", "2025-01-01T12:30:15.000Z"],
    ["2025-01-01t12:30:15z", "2025-01-01T12:30:15.000Z"],
    ["2025-01-01T12:30:15.5Z", "2025-01-01T12:30:15.500Z"],
    ["2025-01-01T12:30:15.123456789Z", "2025-01-01T12:30:15.123Z"],
    ["2025-01-01T12:30+01:00", "2025-01-01T11:30:00.000Z"],
    ["2025-01-01T12:30:00-0230", "2025-01-01T15:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ])("written %j at %s", (text, moment) => {
    expect(readExpiry(text)).toEqual({ text: text.trim(), at: Date.parse(moment) });
  });

  test("at a time in UTC where it names no zone, whatever that of the machine is", () => {
    vi.stubEnv("TZ", "America/New_York");
    onTestFinished(() => void vi.unstubAllEnvs());

    expect(readExpiry("2025-01-01T12:30")).toMatchObject({ at: Date.parse("2025-01-01T12:30Z") });
  });

  test.each([
    [new Date("2025-01-01T00:00:00Z"), "2025-01-01"],
    [new Date("2025-01-01T12:30:00Z"), "2025-01-01T12:30:00.000Z"],
  ])("at the date %s, told as %s", (date, text) => {
    expect(readExpiry(date)).toEqual({ text, at: date.getTime() });
  });

  test.each([undefined, null, ""])("never where it says %j", (value) => {
    expect(readExpiry(value)).toBeUndefined();
  });

  test.each([
    "soon",
    "never 2025-01-01",
    "2025-01-01 or so",
    "2025-13-01",
    "2025-02-30",
    "2025-02-30T12:00Z",
    "2025-01-01T25:00Z",
    "2025-01-01T12",
    "2025-01-01Z",
    "2025-01-01T12:30:15.1234567890Z",
    "2025-01-01T12:30+1",
    20_250_101,
    ["2025-01-01"],
    { at: "2025-01-01" },
    new Date(Number.NaN),
  ])("at no time that could be read from %j", (value) => {
    expect(readExpiry(value)).toBe("unreadable");
  });
});

test("rules are judged at a moment, or at none where none can be read", () => {
  expect(momentOf("1970-01-02")).toBe(86_400_000);
  expect(momentOf(new Date(5))).toBe(5);
  expect([momentOf(undefined), momentOf("now")]).toEqual([undefined, undefined]);
});
