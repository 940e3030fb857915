import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { terraform } from "./index.ts";
import { terraformLock } from "./lock.ts";

const heading =
  '# This file is maintained automatically by "terraform init".\n# Manual edits may be lost in future updates.\n';

test("the providers of a lock file, with their lines", async () => {
  const { packages, all, diagnostics } = await observe(
    terraformLock,
    "infra/.terraform.lock.hcl",
    `${heading}
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.31.0"
  constraints = ">= 4.0.0, ~> 5.0"
  hashes = [
    "h1:ltxyuBWIy9cq0kIKDJH1jeWJy/y7XJLjS4QrsQK4plA=",
    "zh:0cdb9c2083bf0902442384f7309367791e4640581652dda456f2d6d7abf0de8d",
  ]
}

provider "registry.opentofu.org/hashicorp/random" {
  version = "3.6.0-beta1"
  hashes  = []
}
`,
  );

  expect(packages).toEqual([
    {
      name: "registry.terraform.io/hashicorp/aws",
      version: "5.31.0",
      relationship: "direct",
      facts: { requirement: ">= 4.0.0, ~> 5.0" },
    },
    { name: "registry.opentofu.org/hashicorp/random", version: "3.6.0-beta1", relationship: "direct" },
  ]);
  expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([4, 13]);
  expect(diagnostics).toEqual([]);
  expect(packages.map((pkg) => terraform.purl(pkg, undefined))).toEqual([
    "pkg:terraform/registry.terraform.io/hashicorp/aws@5.31.0",
    "pkg:terraform/registry.opentofu.org/hashicorp/random@3.6.0-beta1",
  ]);
});

test("a provider without a version is named, the others are kept", async () => {
  const { packages, diagnostics } = await observe(
    terraformLock,
    ".terraform.lock.hcl",
    'provider "a/b/c" {\n  hashes = []\n}\nprovider "d/e/f" {\n  version = "1.0.0"\n',
  );

  expect(packages.map(({ name }) => name)).toEqual(["d/e/f"]);
  expect(diagnostics).toMatchObject([{ location: { path: ".terraform.lock.hcl", line: 1 } }]);
});

test("a lock that locks nothing is nothing to report", async () => {
  expect(await observe(terraformLock, ".terraform.lock.hcl", heading)).toMatchObject({ all: [] });
});
