import { sql } from "kysely";
import { expect, test } from "vitest";
import { testDatabases } from "../fixtures/test-databases.ts";
import { isOfTenant } from "./package-owner.ts";

test.each(testDatabases)(
  "whose a package is is asked for each, and not for all of all images beforehand, on $name",
  async ({ open }) => {
    const { queries } = await open();

    const { rows } = await sql<{ "QUERY PLAN": string }>`explain select count(*) from finding
    join package on package.id = finding.package_id where ${isOfTenant("red")}`.execute(queries);

    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("SubPlan");
    expect(plan).not.toContain("Semi Join");
  },
);
