import { analyzedFile, observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { projectFiles } from "./project-files.ts";

test("properties of the file itself fill its versions, where it gives them one value", async () => {
  const { packages } = await observe(
    projectFiles,
    "Directory.Packages.props",
    `<Project>
      <PropertyGroup><AspNet>8.0.1</AspNet><Major>3</Major><Made>$(Major).1</Made><Torn>1.0.0</Torn></PropertyGroup>
      <PropertyGroup Condition="'$(TargetFramework)' == 'net6.0'"><Torn>2.0.0</Torn><Major> 3 </Major></PropertyGroup>
      <ItemGroup>
        <PackageVersion Include="whole" Version="$(AspNet)" />
        <PackageVersion Include="part" Version="[$(major).2.1]" />
        <PackageVersion Include="element"><Version>$(AspNet)-rc</Version></PackageVersion>
        <PackageVersion Include="torn" Version="$(Torn)" />
        <PackageVersion Include="made" Version="$(Made)" />
        <PackageVersion Include="elsewhere" Version="$(Elsewhere)" />
      </ItemGroup>
    </Project>`,
  );

  expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "whole 8.0.1",
    "part 3.2.1",
    "element 8.0.1-rc",
  ]);
});

test("a version of many long properties is none: a small file would be filled with a multiple of itself", async () => {
  const version = (times: number): string => `<PackageVersion Include="p${times}" Version="${"$(L)".repeat(times)}" />`;
  const { packages } = await observe(
    projectFiles,
    "Directory.Packages.props",
    `<Project><PropertyGroup><L>${"1".repeat(200)}</L></PropertyGroup>${version(1)}${version(64)}</Project>`,
  );

  expect(packages.map(({ name }) => name)).toEqual(["p1"]);
});

describe("properties that count in all projects below a directory", () => {
  const set = (properties: string, more = ""): string =>
    `<Project>${more}<PropertyGroup>${properties}</PropertyGroup></Project>`;
  const asks = (...versions: readonly string[]): string =>
    `<Project><ItemGroup>${versions
      .map((version, at) => `<PackageReference Include="p${at}" Version="${version}" />`)
      .join("")}</ItemGroup></Project>`;
  async function found(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const [[path = "", content = ""] = [], ...beside] = Object.entries(files);
    const { all } = await observe(projectFiles, path, content, Object.fromEntries(beside));
    return all.map((one) =>
      one.kind === "package" ? `${one.package.name} ${one.package.version} ${one.at}` : JSON.stringify(one),
    );
  }

  test("are those of the nearest files above, and what the project says itself counts more", async () => {
    const files = {
      "src/app/app.csproj": asks("$(A)", "$(B)", "$(C)", "$(Torn)", "$(Far)").replace(
        "<ItemGroup>",
        "<PropertyGroup><C>3.0</C></PropertyGroup><ItemGroup>",
      ),
      "src/Directory.Build.props": set("<A>1.0</A><B>1.0</B><C>1.0</C><Torn>1</Torn>"),
      "src/Directory.Packages.props": set("<B>2.0</B><Torn>1</Torn><Torn>2</Torn>"),
      "Directory.Build.props": set("<Far>9.0</Far>"),
      "other/Directory.Build.props": set("<Far>9.0</Far>"),
    };

    expect(await found(files)).toEqual(["p0 1.0", "p1 2.0", "p2 3.0"].map((text) => `${text} src/app/app.csproj`));
  });

  test.each([
    ["a relative path", "eng\\Versions.props", "src/eng/Versions.props"],
    ["its own directory", "$(MSBuildThisFileDirectory)..\\eng/Versions.props", "eng/Versions.props"],
    [
      "the next file above",
      "$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '$(MSBuildThisFileDirectory)../'))",
      "Directory.Build.props",
    ],
  ])("and of what they import by %s", async (_, project, path) => {
    const files = {
      "src/app/app.fsproj": asks("$(A)", "$(B)"),
      "src/Directory.Build.props": set("<A>1.0</A>", `<Import Project="${project}" />`),
      [path]: set("<A>0.1</A><B>2.0</B>", '<Import Project="../src/Directory.Build.props" />'),
    };

    expect(await found(files)).toEqual(["p0 1.0 src/app/app.fsproj", "p1 2.0 src/app/app.fsproj"]);
  });

  test("packages of Directory.Build.props are told; of other property files nothing is, nor what is wrong with them", async () => {
    const files = {
      "Directory.Build.props": asks("1.0"),
      "eng/Versions.props": asks("2.0"),
      "eng/broken.props": "<Project",
    };

    expect(await found(files)).toEqual(["p0 1.0 Directory.Build.props"]);
    expect(await found({ "Directory.Build.props": "<html/>" })).toEqual([expect.stringContaining("<html>")]);
  });

  test("of more imports than are followed is told, and of those that are not there nothing", async () => {
    const imports = (from: string, count: number): string =>
      Array.from({ length: count }, (_, at) => `<Import Project="${from}${at}.props" />`).join("");
    const props = Object.fromEntries(
      Array.from({ length: 101 }, (_, at) => [`p${at}.props`, set(`<P${at}>1.${at}</P${at}>`)]),
    );
    const project = (count: number): string => `<Project>${imports("p", count)}</Project>`;

    expect(await found({ "a.csproj": `<Project>${imports("gone", 200)}</Project>`, ...props })).toEqual([]);
    expect(await found({ "a.csproj": project(50), "b.csproj": project(99), ...props })).toEqual([]);
    expect(await found({ "a.csproj": project(101), "b.csproj": project(101), ...props })).toEqual([
      expect.stringContaining('"limit-exceeded"'),
    ]);
  });

  test("a file that all projects share is read once, however many there are", async () => {
    let reads = 0;
    const shared = analyzedFile("Directory.Build.props", set("<A>1.0</A>"));
    const files = Array.from({ length: 20 }, (_, at) => analyzedFile(`src/p${at}/app.csproj`, asks("$(A)")));
    const broken = analyzedFile("src/Directory.Packages.props", "<Project");
    const counted = [shared, broken].map((file) => ({ ...file, text: () => (reads++, file.text()) }));
    const all = [...counted, ...files];
    const retained = {
      get: (path: string) => all.find((file) => file.path === path),
      [Symbol.iterator]: () => all.values(),
    };
    const packages: unknown[] = [];
    for await (const one of projectFiles.analyze(retained, [], {})) if (one.kind === "package") packages.push(one);

    expect(packages).toHaveLength(20);
    // The broken one once more, to tell what is wrong with it.
    expect(reads).toBe(3);
  });
});
