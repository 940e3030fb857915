import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsFetch } from "../registry/tls-fetch.ts";
import { systemFetch } from "./system-fetch.ts";
import type { TlsOptions } from "./system-fetch.ts";

/** A server on loopback with a certificate that signed itself. */
interface Secured {
  readonly url: string;
  readonly cert: Buffer;
}

const folder = mkdtempSync(join(tmpdir(), "plimsoll-tls-"));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const openssl = (...args: readonly string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });

const hasOpenssl = ((): boolean => {
  try {
    openssl("version");
    return true;
  } catch {
    console.warn("no openssl: the tests of certificates are skipped");
    return false;
  }
})();

/** Makes a certificate for a name, valid from the first day to the last, and serves with it. */
async function secured(name: string, host: string, first: string, last: string): Promise<Secured> {
  const at = (end: string): string => join(folder, `${name}.${end}`);
  writeFileSync(at("index"), "");
  writeFileSync(
    at("cnf"),
    [
      "[ca]\ndefault_ca = d",
      `[d]\ndatabase = ${at("index")}\nnew_certs_dir = ${folder}\nrand_serial = yes\ndefault_md = sha256\npolicy = p\nx509_extensions = e`,
      "[p]\ncommonName = supplied",
      `[e]\nsubjectAltName = ${host}\nbasicConstraints = CA:true`,
      "[req]\ndistinguished_name = n\n[n]\n",
    ].join("\n"),
  );
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", at("key")];
  openssl("req", "-new", "-config", at("cnf"), "-subj", `/CN=${name}`, ...key, "-out", at("csr"));
  const valid = ["-startdate", `${first}000000Z`, "-enddate", `${last}000000Z`];
  const files = ["-config", at("cnf"), "-keyfile", at("key"), "-in", at("csr"), "-out", at("crt")];
  openssl("ca", "-batch", "-notext", "-selfsign", ...files, ...valid);
  const cert = readFileSync(at("crt"));
  const server = createServer({ key: readFileSync(at("key")), cert }, (_, response) => response.end("hello"));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, cert };
}

describe.skipIf(!hasOpenssl)("a server is believed for its certificate", () => {
  let good: Secured, elsewhere: Secured, expired: Secured, early: Secured;
  beforeAll(async () => {
    good = await secured("good", "IP:127.0.0.1", "20200101", "20991231");
    elsewhere = await secured("elsewhere", "DNS:other.example", "20200101", "20991231");
    expired = await secured("expired", "IP:127.0.0.1", "20200101", "20200102");
    early = await secured("early", "IP:127.0.0.1", "20980101", "20991231");
  });

  describe.each<readonly [string, (options: TlsOptions) => typeof fetch]>([
    ["by systemFetch", systemFetch],
    ["by tlsFetch", tlsFetch],
  ])("%s", (_, make) => {
    const bodyOf = async (url: string, options: TlsOptions): Promise<string> => (await make(options)(url)).text();

    test("when an authority signed it that is named, and not otherwise", async () => {
      expect(await bodyOf(good.url, { ca: good.cert })).toBe("hello");
      expect(await bodyOf(good.url, { ca: [elsewhere.cert, good.cert] })).toBe("hello");
      for (const options of [{}, { ca: elsewhere.cert }, { insecure: false }])
        await expect(bodyOf(good.url, options)).rejects.toThrow();
    });

    test("never for another host's, one that is past or one that is not valid yet", async () => {
      for (const { url, cert } of [elsewhere, expired, early])
        await expect(bodyOf(url, { ca: cert })).rejects.toThrow();
    });

    test("whatever it is, only where that was asked for", async () => {
      for (const { url } of [good, elsewhere, expired, early])
        expect(await bodyOf(url, { insecure: true })).toBe("hello");
      // What one caller may do is nothing that others may.
      await expect(bodyOf(good.url, {})).rejects.toThrow();
    });
  });
});
