import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { observe, processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { classifiers } from "./classifiers.ts";
import { programText as program } from "./program.ts";

const elf = "\u007fELF";

async function found(path: string, text: string): Promise<string[]> {
  const { packages } = await observe(
    program,
    path,
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
  );
  return packages.map(({ name, version }) => `${name}@${version}`);
}

test.each([
  ["usr/sbin/nginx", "\0nginx version: nginx/1.25.3\0", "nginx@1.25.3"],
  ["usr/local/bin/python3.12", "\u00003.12\u00003.12.1\u0000", "python@3.12.1"],
  ["usr/local/bin/python3", "\u00003.13.0rc2+\u0000", "python@3.13.0rc2"],
  ["opt/lib/libcrypto.so.1.1", "OpenSSL 1.1.1w  11 Sep 2023", "openssl@1.1.1w"],
  ["usr/bin/kubelet", "-X k8s.io/component-base/version.gitVersion=v1.29.1 ", "kubelet@1.29.1"],
  ["usr/local/bin/postgres", "postgres (PostgreSQL) 16.1\n\0", "postgresql@16.1"],
  ["bin/busybox", "BusyBox v1.36.1 (2023-05-18 22:34:17 UTC)", "busybox@1.36.1"],
  ["usr/local/bin/httpd", "\0Apache/2.4.58 (Unix)\0", "httpd@2.4.58"],
  ["usr/local/bin/php", "X-Powered-By: PHP/8.3.0\0", "php@8.3.0"],
])("%s is known by its text", async (path, text, expected) => {
  expect(await found(path, `${elf}\0${text}`)).toEqual([expected]);
});

test("a script, a file of another name and an empty one say nothing", async () => {
  expect(await found("usr/sbin/nginx", "#!/bin/sh nginx version: nginx/1.25.3")).toEqual([]);
  expect(await found("usr/sbin/ngin", `${elf} nginx version: nginx/1.25.3`)).toEqual([]);
  expect(await found("usr/sbin/nginx", "")).toEqual([]);
});

test("the CPE carries the version", async () => {
  const { packages } = await observe(program, "usr/sbin/nginx", `${elf} nginx version: nginx/1.25.3`);

  expect(packages[0]?.cpes).toEqual([
    "cpe:2.3:a:f5:nginx:1.25.3:*:*:*:*:*:*:*",
    "cpe:2.3:a:nginx:nginx:1.25.3:*:*:*:*:*:*:*",
  ]);
});

test("at least forty programs are known, and repeated anchors cost no more than the file is long", async () => {
  expect(new Set(classifiers.map(({ name }) => name)).size).toBeGreaterThanOrEqual(40);
  const started = processorTime();
  for (const { files, anchor } of classifiers) await found(files[0] ?? "", elf + anchor.repeat(2_000));
  expect(processorTime() - started).toBeLessThan(20_000);
});

describe("programs of this machine", () => {
  const real: readonly (readonly [string, readonly string[], RegExp])[] = [
    [process.execPath, ["--version"], /v(\d+\.\d+\.\d+)/],
    ["/bin/bash", ["--version"], /version (\d+\.\d+\.\d+)/],
    ["/usr/bin/perl", ["-v"], /\(v(\d+\.\d+\.\d+)\)/],
    ["/usr/bin/git", ["--version"], /(\d+\.\d+\.\d+)/],
    ["/usr/bin/curl", ["--version"], /^curl (\d+\.\d+\.\d+)/],
    ["/usr/bin/openssl", ["version"], /OpenSSL (\S+)/],
    ["/usr/bin/python3.11", ["--version"], /Python (\S+)/],
  ];

  test.each(real.filter(([path]) => existsSync(path)))(
    "%s is recognised with the version it states",
    async (path, args, shape) => {
      const stated = shape.exec(execFileSync(path, args, { encoding: "utf8" }))?.[1];
      const { packages } = await observe(program, path.slice(1), new Uint8Array(readFileSync(path)));

      expect(packages.map(({ version }) => version)).toEqual([stated]);
    },
  );
});
