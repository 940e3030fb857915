import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { luarocks } from "./index.ts";
import { rockspec } from "./rockspec.ts";

test("an installed rock", async () => {
  const { packages } = await observe(
    rockspec,
    "usr/local/lib/luarocks/rocks-5.4/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec",
    'package = "LPeg"\nversion = "1.0.2-1"\nsource = { url = "x" }\ndescription = {\n   license = "MIT/X11"\n}\ndependencies = {\n   "lua >= 5.1",\n   "luafilesystem >= 1.6"\n}\n',
  );

  expect(packages).toEqual([{ name: "LPeg", version: "1.0.2-1", licenses: ["MIT/X11"], dependsOn: ["luafilesystem"] }]);
  expect(luarocks.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe("pkg:luarocks/lpeg@1.0.2-1");
});

test.each(["", "package = name", 'version = "1"', `package = "${"(".repeat(100_000)}`])(
  "%.20j says nothing but that",
  async (text) => {
    const { packages, diagnostics } = await observe(rockspec, "a.rockspec", text);

    expect(packages).toEqual([]);
    expect(diagnostics).toHaveLength(1);
  },
);
