import { observe } from "@plimsoll/testkit";
import type { Observation, PackageObservation } from "@plimsoll/model";
import { expect, test, vi } from "vitest";
import { pomFile } from "./pom.ts";
import { WorkBudget } from "./work-budget.ts";

async function analyze(tree: Readonly<Record<string, string | Uint8Array>>): Promise<readonly Observation[]> {
  const [[path, content] = ["", ""], ...beside] = Object.entries(tree);
  return (await observe(pomFile, path, content, Object.fromEntries(beside))).all;
}

function told(observations: readonly Observation[], path = "pom.xml"): readonly string[] {
  return observations
    .filter((one): one is PackageObservation => one.kind === "package" && one.at === path)
    .map(({ package: { name, version, scope, relationship, dependsOn = [] } }) =>
      [`${name}@${version}`, relationship, scope, ...dependsOn.map((key) => `>${key}`)].filter(Boolean).join(" "),
    );
}

const artifact = (name: string, version: string, more = ""): string =>
  `<dependency><groupId>x</groupId><artifactId>${name}</artifactId>${version === "" ? "" : `<version>${version}</version>`}${more}</dependency>`;

const project = (name: string, dependencies: string, more = ""): string =>
  `<project><groupId>x</groupId><artifactId>${name}</artifactId><version>1</version>${more}<dependencies>${dependencies}</dependencies></project>`;

const repository = (poms: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(poms).map(([name, text]) => {
      const [id = "", version = "1"] = name.split("@");
      return [`.m2/repository/x/${id}/${version}/${id}-${version}.pom`, text];
    }),
  );

test("a POM alone: its own properties and management, and what is not at hand is said", async () => {
  const observations = await analyze({
    "pom.xml": `<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version><properties><v>2.5</v></properties>
      <dependencyManagement><dependencies>${artifact("m", "3")}</dependencies></dependencyManagement>
      <dependencies>${artifact("p", "${v}")}${artifact("m", "", "<scope>test</scope>")}
      ${artifact("far", "${elsewhere}")}${artifact("range", "[1,2)")}${artifact("exact", "[1.4]")}
      ${artifact("servlet", "4", "<scope>provided</scope>")}${artifact("maybe", "5", "<optional>true</optional>")}</dependencies></project>`,
  });

  expect(told(observations)).toEqual([
    "g:a@1 root >x:p >x:m >x:far >x:range >x:exact >x:servlet >x:maybe",
    "x:p@2.5 direct",
    "x:m@3 direct dev",
    "x:far@ direct",
    "x:range@ direct",
    "x:exact@1.4 direct",
    "x:servlet@4 direct optional",
    "x:maybe@5 direct optional",
  ]);
  expect(observations.filter(({ kind }) => kind === "diagnostic")).toEqual([
    {
      kind: "diagnostic",
      code: "unresolved-dependencies",
      effect: "incomplete",
      message: expect.stringContaining("pom.xml: the POM of x:p:2.5 and 5 more is not in the scanned tree"),
      location: { path: "pom.xml" },
    },
  ]);
});

test("LATEST and RELEASE are whatever is newest when Maven runs: no version is known", async () => {
  const observations = await analyze({
    "pom.xml": project(
      "a",
      `${artifact("latest", "LATEST")}${artifact("release", "RELEASE")}${artifact("word", "2.RELEASE")}${artifact("managed", "")}`,
      `<dependencyManagement><dependencies>${artifact("managed", "RELEASE")}</dependencies></dependencyManagement>`,
    ),
  });

  expect(told(observations).slice(1)).toEqual([
    "x:latest@ direct",
    "x:release@ direct",
    "x:word@2.RELEASE direct",
    "x:managed@ direct",
  ]);
  // Only of what has a version could there be a POM that is lacking.
  expect(observations.filter(({ kind }) => kind === "diagnostic")).toEqual([
    expect.objectContaining({ message: expect.stringContaining("the POM of x:word:2.RELEASE is not in") }),
  ]);
});

test("the nearest declaration wins, management rules what is deeper, tests and options end at the first step", async () => {
  const observations = await analyze({
    "pom.xml": project(
      "app",
      `${artifact("a", "1", "<exclusions><exclusion><groupId>x</groupId><artifactId>unwanted</artifactId></exclusion></exclusions>")}${artifact("b", "1")}`,
      `<dependencyManagement><dependencies>${artifact("ruled", "9")}</dependencies></dependencyManagement>`,
    ),
    ...repository({
      "a@1": project(
        "a",
        `${artifact("b", "7")}${artifact("deep", "1")}${artifact("unwanted", "1")}${artifact("t", "1", "<scope>test</scope>")}${artifact("o", "1", "<optional>true</optional>")}`,
      ),
      "b@1": project("b", `${artifact("deep", "2")}${artifact("ruled", "1")}`),
      "deep@1": project("deep", artifact("unwanted", "1")),
      "ruled@9": project("ruled", ""),
    }),
  });

  expect(told(observations)).toEqual([
    "x:app@1 root >x:a >x:b",
    "x:a@1 direct >x:b >x:deep",
    "x:b@1 direct >x:deep >x:ruled",
    "x:deep@1 indirect",
    "x:ruled@9 indirect",
  ]);
  expect(observations.filter(({ kind }) => kind === "diagnostic")).toEqual([]);
});

test("exclusions of the project's management come on top of a dependency's own, as Maven 3 resolves", async () => {
  const excluding = (name: string): string =>
    `<exclusions><exclusion><groupId>x</groupId><artifactId>${name}</artifactId></exclusion></exclusions>`;
  const observations = await analyze({
    "pom.xml": project(
      "app",
      artifact("a", "", excluding("own")),
      `<dependencyManagement><dependencies>${artifact("a", "1", excluding("managed"))}</dependencies></dependencyManagement>`,
    ),
    ...repository({
      "a@1": project("a", `${artifact("own", "1")}${artifact("managed", "1")}${artifact("kept", "1")}`),
      "kept@1": project("kept", artifact("managed", "1")),
    }),
  });

  expect(told(observations)).toEqual(["x:app@1 root >x:a", "x:a@1 direct >x:kept", "x:kept@1 indirect"]);
});

test("parents beside and in repositories, placeholders for the whole build, imported management, modules", async () => {
  const observations = await analyze({
    "pom.xml": `<project><groupId>x</groupId><artifactId>root</artifactId><version>\${revision}</version>
      <properties><revision>1.1</revision><lib>3</lib></properties><modules><module>app</module></modules>
      <dependencyManagement><dependencies>${artifact("bom", "2", "<type>pom</type><scope>import</scope>")}${artifact("lib", "${lib}")}</dependencies></dependencyManagement></project>`,
    "app/pom.xml": `<project><parent><groupId>x</groupId><artifactId>root</artifactId><version>\${revision}</version></parent>
      <artifactId>app</artifactId><dependencies>${artifact("lib", "")}${artifact("imported", "")}</dependencies></project>`,
    ...repository({
      "bom@2": project(
        "bom",
        "",
        `<dependencyManagement><dependencies>${artifact("imported", "4")}${artifact("lib", "1")}</dependencies></dependencyManagement>`,
      ),
      "lib@3": project("lib", ""),
      "imported@4": `<project><parent><groupId>x</groupId><artifactId>base</artifactId><version>1</version><relativePath/></parent><artifactId>imported</artifactId><version>4</version></project>`,
      "base@1": `<project><groupId>x</groupId><artifactId>base</artifactId><version>1</version><licenses><license><name>MIT</name></license></licenses></project>`,
    }),
  });

  expect(told(observations)).toEqual(["x:root@1.1 root >x:app"]);
  expect(told(observations, "app/pom.xml")).toEqual([
    "x:app@1.1 workspace >x:lib >x:imported",
    "x:lib@3 direct",
    "x:imported@4 direct",
  ]);
  expect(
    observations.flatMap((one) =>
      one.kind === "package" && one.package.name === "x:imported" ? one.package.licenses : [],
    ),
  ).toEqual(["MIT"]);
});

test("a demand in brackets overrules a nearer wish", async () => {
  const observations = await analyze({
    "pom.xml": project("app", `${artifact("a", "1")}${artifact("b", "5")}`),
    ...repository({ "a@1": project("a", artifact("b", "[3]")), "b@3": project("b", ""), "b@5": project("b", "") }),
  });

  expect(told(observations)).toContain("x:b@3 direct");
});

test("POMs that lead back to themselves come to an end", async () => {
  const self = (name: string, parent: string): string =>
    `<project><parent><groupId>x</groupId><artifactId>${parent}</artifactId><version>1</version><relativePath/></parent><artifactId>${name}</artifactId>
     <dependencyManagement><dependencies>${artifact(name, "1", "<type>pom</type><scope>import</scope>")}</dependencies></dependencyManagement>
     <dependencies>${artifact(parent, "1")}${artifact(name, "1")}</dependencies></project>`;
  const observations = await analyze({
    "pom.xml": self("a", "b"),
    ...repository({ "b@1": self("b", "a"), "a@1": self("a", "b") }),
  });

  expect(told(observations)).toContain("x:b@1 direct >x:a");
});

test("a broken POM is named, what stands before the damage and its neighbours are kept", async () => {
  const observations = await analyze({
    "broken/pom.xml": `<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version><dependencies>${artifact("kept", "1")}<dependency><group`,
    "other/pom.xml": "<settings/>",
    "binary/pom.xml": new Uint8Array([0xff, 0xfe, 0, 1]),
    "pom.xml": project("app", ""),
  });

  expect(told(observations, "broken/pom.xml")).toContain("x:kept@1 direct");
  expect(told(observations)).toEqual(["x:app@1 root"]);
  expect(
    observations.flatMap((one) =>
      one.kind === "diagnostic" && one.code === "malformed-file" ? [one.location?.path] : [],
    ),
  ).toEqual(["binary/pom.xml", "broken/pom.xml", "other/pom.xml"]);
});

/** Counts the steps of all budgets that are made meanwhile. */
async function stepsOf(
  tree: Readonly<Record<string, string>>,
): Promise<{ steps: number; all: readonly Observation[] }> {
  const spend = vi.spyOn(WorkBudget.prototype, "spend");
  try {
    const all = await analyze(tree);
    return { steps: spend.mock.calls.reduce((sum, [steps]) => sum + steps, 0), all };
  } finally {
    spend.mockRestore();
  }
}

/** Every POM has another one as its parent, in a circle, and depends on ten. */
function circle(size: number): Record<string, string> {
  const id = (at: number): string => `p${at % size}`;
  return Object.fromEntries(
    Array.from({ length: size }, (_, at) => [
      `${id(at)}/pom.xml`,
      project(
        id(at),
        Array.from({ length: 10 }, (__, next) => artifact(id(at * 3 + next), "1")).join(""),
        `<parent><groupId>x</groupId><artifactId>${id(at + 1)}</artifactId><version>1</version><relativePath>../${id(at + 1)}/pom.xml</relativePath></parent>`,
      ),
    ]),
  );
}

test("POMs in circles cost no more than one budget for all of them, and what was left is told", async () => {
  const { steps, all } = await stepsOf(circle(300));

  expect(steps).toBeLessThan(4_000_000);
  expect(all.filter(({ kind }) => kind === "diagnostic")).toMatchObject([
    { code: "limit-exceeded", effect: "incomplete", message: expect.stringContaining("lead further than is followed") },
  ]);
  // What they ask for themselves is there all the same.
  expect(new Set(all.flatMap((one) => (one.kind === "package" ? [one.package.name] : []))).size).toBe(300);
});

test("POMs that import each other are worked out once each", async () => {
  const imports = (names: readonly number[]): string =>
    `<dependencyManagement><dependencies>${names.map((at) => artifact(`b${at}`, "1", "<type>pom</type><scope>import</scope>")).join("")}</dependencies></dependencyManagement>`;
  const everyOther = (size: number): Record<string, string> => ({
    "pom.xml": project("root", artifact("a", "1"), imports(Array.from({ length: size }, (_, at) => at))),
    ...repository(
      Object.fromEntries(
        Array.from({ length: size }, (_, at) => [
          `b${at}`,
          project(`b${at}`, "", imports(Array.from({ length: size }, (__, other) => other))),
        ]),
      ),
    ),
  });

  expect((await stepsOf(everyOther(40))).steps).toBeLessThan(20_000);
});

test("demands that each lead to another one are followed some rounds, and then told", async () => {
  const length = 200;
  // Each asks for the next one at exactly 2, which only then leads on.
  const poms = Object.fromEntries(
    Array.from({ length }, (_, at) => [
      [`d${at}`, project(`d${at}`, artifact(`d${at + 1}`, "1"))],
      [`d${at}@2`, project(`d${at}`, artifact(`d${at + 1}`, "[2]") + artifact(`d${at + 2}`, "1"))],
    ]).flat(),
  );
  const direct = Array.from({ length: 100 }, (_, at) => artifact(`d${at}`, "1")).join("");
  const { all, steps } = await stepsOf({
    "pom.xml": project("root", direct + artifact("d0", "[2]")),
    ...repository(poms),
  });

  expect(steps).toBeLessThan(100_000);
  expect(all.some((one) => one.kind === "package" && one.package.name === "x:d1")).toBe(true);
  expect(all).toContainEqual(
    expect.objectContaining({
      code: "limit-exceeded",
      effect: "incomplete",
      message: expect.stringContaining("has more dependencies than are followed") as unknown,
    }),
  );
});
