import type { Package } from "@plimsoll/model";
import { expect, test } from "vitest";
import { clairPackage } from "./index-report.ts";

const pkg: Package = {
  id: "pkg:rpm/redhat/nodejs@18",
  ecosystem: "rpm",
  name: "nodejs",
  version: "1:18.20.2-1.module+el8",
  purl: "pkg:rpm/redhat/nodejs@18",
  locations: [],
};

test("a package of a module says its name and stream, as Clair's matchers want them", () => {
  const module = "nodejs:18:8090020240417:a75119d5";

  expect(clairPackage({ ...pkg, module }, "7")).toMatchObject({ id: "7", name: "nodejs", module: "nodejs:18" });
});

test("a plain build says nothing of modules", () => {
  expect(clairPackage(pkg, "7")).not.toHaveProperty("module");
});
