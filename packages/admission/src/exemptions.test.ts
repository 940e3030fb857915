import { expect, test } from "vitest";
import { covers } from "./exemptions.ts";

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
