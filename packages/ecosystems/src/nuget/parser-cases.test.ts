import { testParserCases } from "@plimsoll/testkit";
import { nuget } from "./index.ts";

const { analyzers } = nuget;

testParserCases({
  folder: "dotnet/core_deps",
  analyzers,
  // Edges are kept by name and version, as deps.json writes them.
  checks: ["dev", "lines"],
});
testParserCases({ folder: "dotnet/depsjson", analyzers, as: () => "app.deps.json" });
testParserCases({ folder: "dotnet/analyzer-deps", analyzers, as: () => "app.deps.json" });
testParserCases({ folder: "dotnet/packagesconfig", analyzers, as: () => "packages.config" });
testParserCases({
  folder: "nuget/config",
  analyzers,
  as: () => "packages.config",
  // They leave development dependencies out; here they are marked.
  ignore: ({ scope }) => scope === "dev",
});
testParserCases({ folder: "dotnet/packageslockjson", analyzers });
testParserCases({ folder: "nuget/lock", analyzers, as: () => "packages.lock.json" });
testParserCases({
  folder: "dotnet/analyzer-nuget",
  analyzers,
  as: (path) => (path.endsWith(".nuspec") ? undefined : path.endsWith("invalid.txt") ? "packages.lock.json" : path),
});
testParserCases({ folder: "dotnet/projectassetsjson", analyzers });
testParserCases({ folder: "dotnet/csproj", analyzers, as: () => "app.csproj" });
testParserCases({ folder: "dotnet/nugetcpm", analyzers, as: () => "Directory.Packages.props" });
testParserCases({ folder: "dotnet/analyzer-packagesprops", analyzers, as: () => "Directory.Packages.props" });
testParserCases({ folder: "nuget/packagesprops", analyzers, as: () => "Packages.props" });
testParserCases({ folder: "dotnet/paketlock", analyzers });
testParserCases({ folder: "dotnet/paketdependencies", analyzers });
