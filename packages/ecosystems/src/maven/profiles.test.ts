import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { pomFile } from "./pom.ts";

const dependency = (artifact: string, version: string, more = ""): string =>
  `<dependency><groupId>x</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</dependency>`;

test("each profile's version of a dependency counts, and says whose it is; ranges and classifiers are interpolated", async () => {
  const { packages } = await observe(
    pomFile,
    "app/pom.xml",
    `<project><parent><groupId>g</groupId><artifactId>parent</artifactId><version>1</version></parent><artifactId>app</artifactId>
<properties><range>[1.0,2.0)</range><exact>[2.5]</exact><hadoop>2.10.0</hadoop></properties>
<dependencies>${dependency("ranged", "${range}")}${dependency("exact", "${exact}")}
${dependency("native", "1.0")}${dependency("native", "1.1", "<classifier>linux</classifier>")}
${dependency("inherited", "${fromParent}")}</dependencies>
<profiles>
<profile><id>two</id><activation><activeByDefault>true</activeByDefault></activation>
<dependencies>${dependency("hadoop", "${hadoop}")}</dependencies></profile>
<profile><id>three</id><properties><hadoop>3.4.0</hadoop></properties>
<dependencies>${dependency("hadoop", "${hadoop}")}${dependency("native", "1.0")}</dependencies></profile>
</profiles></project>`,
    {
      "pom.xml":
        "<project><groupId>g</groupId><artifactId>parent</artifactId><version>1</version><packaging>pom</packaging><properties><fromParent>9.9</fromParent></properties></project>",
    },
  );

  expect(packages.filter(({ name }) => name.startsWith("x:")).map((pkg) => [pkg.name, pkg.version, pkg.facts])).toEqual(
    [
      // Which version a range comes to, no file says.
      ["x:ranged", "", undefined],
      ["x:exact", "2.5", undefined],
      ["x:native", "1.0", undefined],
      ["x:native", "1.1", undefined],
      ["x:inherited", "9.9", undefined],
      ["x:hadoop", "2.10.0", undefined],
      ["x:hadoop", "3.4.0", { profile: "three" }],
    ],
  );
});
