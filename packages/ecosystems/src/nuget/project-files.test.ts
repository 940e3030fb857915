import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
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
