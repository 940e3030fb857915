import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { juliaDepot } from "./depot.ts";

const project =
  'name = "JSON"\nuuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"\nversion = "0.21.4"\n\n[deps]\nDates = "ade2ca70"\n';

test("a package unpacked in a depot is installed; a project is not", async () => {
  expect((await observe(juliaDepot, "root/.julia/packages/JSON/93Ea8/Project.toml", project)).packages).toEqual([
    {
      name: "JSON",
      version: "0.21.4",
      dependsOn: ["Dates"],
      facts: { uuid: "682c06a0-de6a-54ab-a142-c8b1cf79cde6" },
    },
  ]);
  expect((await observe(juliaDepot, "app/Project.toml", project)).all).toEqual([]);
});

test("a damaged one is reported", async () => {
  const { all } = await observe(juliaDepot, "root/.julia/packages/JSON/93Ea8/Project.toml", "name = [");

  expect(all).toMatchObject([
    { kind: "diagnostic", location: { path: "root/.julia/packages/JSON/93Ea8/Project.toml" } },
  ]);
});
