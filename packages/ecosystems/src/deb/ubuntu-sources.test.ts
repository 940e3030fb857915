import { describe, expect, test } from "vitest";
import { ubuntuSource } from "./ubuntu-sources.ts";

describe("ubuntuSource", () => {
  test.each([
    ["libc6", "2.39-0ubuntu8.4", "glibc"],
    ["libssl3t64", "3.0.13-0ubuntu3.5", "openssl"],
    ["zlib1g", "1:1.3.dfsg-3.1ubuntu2.1", "zlib"],
    ["libstdc++6", "14.2.0-4ubuntu2~24.04", "gcc-14"],
    ["gcc-12-base", "12.3.0-1ubuntu1~22.04", "gcc-12"],
    ["libpython3.12-minimal", "3.12.3-1ubuntu0.5", "python3.12"],
    ["libpython3.12t64", "3.12.3-1ubuntu0.5", "python3.12"],
    ["openjdk-21-jre-headless", "21.0.5+11-1ubuntu1~24.04", "openjdk-21"],
    ["aspnetcore-runtime-8.0", "8.0.11-0ubuntu1~24.04.1", "dotnet8"],
    ["base-files", "13ubuntu10.2", undefined],
    ["constructor", "1", undefined],
    ["libgcc-s1", "nonsense", undefined],
  ])("of %s %s is %s", (name, version, source) => {
    expect(ubuntuSource(name, version)).toBe(source);
  });
});
