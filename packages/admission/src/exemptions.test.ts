import { expect, test } from "vitest";
import { covers, hasExpired, readExemptions } from "./exemptions.ts";

const subject = { policy: "checks", id: "KSV-0017", namespace: "shop", name: "web", kind: "Pod" };

test.each([
  ["registry.example.com/app", "registry.example.com/app:1.2", true],
  ["registry.example.com/app", "registry.example.com/app@sha256:00", true],
  ["registry.example.com/app", "registry.example.com/app:1.2@sha256:00", true],
  ["registry.example.com/app:1.2", "registry.example.com/app:1.2", true],
  ["registry.example.com/app:1.2", "registry.example.com/app:1.20", false],
  ["registry.example.com/app", "registry.example.com/app-server:1.2", false],
  ["registry.example.com/app", "registry.example.com/app/server:1.2", false],
  ["localhost", "localhost:5000/app:1.2", false],
])("an exemption of %s covers %s: %s", (image, used, covered) => {
  expect(covers({ by: "ann", reason: "accepted", image }, { ...subject, image: used })).toBe(covered);
});

test("an exemption that names nothing covers nothing", () => {
  expect(covers({ by: "ann", reason: "accepted" }, { ...subject, image: "app" })).toBe(false);
});

test.each(["expires: 20300101", "expires: [2030-01-01]", "namespace: 123", "namespace:", 'image: ""'])(
  "a list whose exemption has the member %s is refused, since it would be wider without it",
  (member) => {
    const list = `- by: ann\n  reason: accepted\n  policy: checks\n  ${member}\n`;
    expect(() => readExemptions(list, "exemptions.yaml")).toThrow(`${member.split(":")[0]} must be a text`);
  },
);

test("a list of exemptions is read with dates that are written without quotes", () => {
  const list = "- by: ann\n  reason: accepted\n  policy: checks\n  expires: 2030-01-01\n";
  expect(readExemptions(list, "exemptions.yaml")).toEqual([
    { by: "ann", reason: "accepted", policy: "checks", expires: "2030-01-01" },
  ]);
});

test.each([
  ["2026-06-01", "2026-06-01T23:59:59Z", false],
  ["2026-06-01", "2026-06-02T00:00:00Z", true],
  ["2026-06-01T12:00:00", "2026-06-01T12:00:00Z", false],
  ["2026-06-01T12:00:00", "2026-06-01T12:00:01Z", true],
  ["2026-06-01T12:00:00+02:00", "2026-06-01T10:00:01Z", true],
  // What JavaScript would take for a date.
  ["release 2099", "2026-06-01T12:00:00Z", true],
  ["2099-02-30", "2026-06-01T12:00:00Z", true],
  ["2099", "2026-06-01T12:00:00Z", true],
  ["", "2026-06-01T12:00:00Z", true],
])("an exemption that expires %j has expired at %s: %s", (expires, now, expired) => {
  expect(hasExpired({ by: "ann", reason: "accepted", expires }, now)).toBe(expired);
});
