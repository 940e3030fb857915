import { readFileSync } from "node:fs";
import { compileModules, RegoError } from "@plimsoll/rego";
import { expect, test } from "vitest";
import { regoEnvironment } from "./rego-environment.ts";

// Made with openssl: a root on P-384, an authority with RSA and ranges of names, a leaf on P-256; good until 2122.
const pem = readFileSync(new URL("fixtures/certificate-chain.pem", import.meta.url), "utf8");
const request = readFileSync(new URL("fixtures/certificate-request.pem", import.meta.url), "utf8");
const [root = "", authority = "", leaf = ""] = pem.split(/(?<=-----END CERTIFICATE-----\n)/);

const source = `package certificates
parsed := crypto.x509.parse_certificates(input.pem)
request := crypto.x509.parse_certificate_request(input.pem)
verified := crypto.x509.parse_and_verify_certificates(input.pem)
asked := crypto.x509.parse_and_verify_certificates_with_options(input.pem, input.options)`;
const policies = compileModules([{ path: "certificates.rego", text: source }], { environment: regoEnvironment() });

function ask(rule: string, input: unknown): unknown {
  const [result] = policies.query(`data.certificates.${rule}`, { input, strictBuiltinErrors: true });
  return result?.expressions[0];
}

function holds(options: unknown, chain = pem): boolean {
  const [valid] = ask("asked", { pem: chain, options }) as [boolean];
  return valid;
}

test("a certificate is read in the shape of OPA", () => {
  const [certificate] = ask("parsed", { pem: leaf }) as Record<string, unknown>[];
  expect(certificate).toMatchObject({
    Subject: { CommonName: "leaf", Organization: ["Müller"], SerialNumber: "77", OrganizationalUnit: null },
    Issuer: { CommonName: "Int", OrganizationalUnit: ["A", "B"] },
    DNSNames: ["a.example.com", "*.b.example.com"],
    EmailAddresses: ["x@example.com"],
    IPAddresses: ["1.2.3.4", "2001:db8::1"],
    URIStrings: ["spiffe://example.com/opa?x=1"],
    ExtKeyUsage: [1, 2],
    UnknownExtKeyUsage: [[1, 2, 3, 4]],
    Policies: ["1.2.3.4.5", "2.23.140.1.2.1"],
    OCSPServer: ["http://ocsp.example.com"],
    KeyUsage: 5,
    SignatureAlgorithm: 4,
    PublicKeyAlgorithm: 3,
    Version: 3,
    NotAfter: "2122-09-27T01:12:20Z",
  });
  const base64 = leaf.replace(/-----[^-]+-----|\n/g, "");
  expect(ask("parsed", { pem: base64 })).toEqual([certificate]);
  expect(ask("parsed", { pem: Buffer.from(leaf).toString("base64") })).toEqual([certificate]);
});

test("a request for a certificate is read in the shape of OPA", () => {
  expect(ask("request", { pem: request })).toMatchObject({
    Subject: { CommonName: "leaf" },
    DNSNames: ["csr.example.com"],
    IPAddresses: ["9.9.9.9"],
    SignatureAlgorithm: 10,
  });
  expect(() => ask("request", { pem: leaf })).toThrow("illegal base64 data");
});

test("a chain holds from its first certificate to its last, whatever the order between", () => {
  const [valid, chain] = ask("verified", { pem }) as [boolean, { Subject: { CommonName: string } }[]];
  expect([valid, chain.map((each) => each.Subject.CommonName)]).toEqual([true, ["leaf", "Int", "Root"]]);
  expect(ask("verified", { pem: root + leaf })).toEqual([false, []]);
  expect(ask("verified", { pem: authority + root + leaf })).toMatchObject([true, [{}, {}]]);
  expect(ask("verified", { pem: leaf })).toEqual([false, []]);
  expect(ask("verified", { pem: "nothing" })).toEqual([false, []]);
});

test.each([
  [{ DNSName: "a.example.com" }, true],
  [{ DNSName: "q.b.example.com" }, true],
  [{ DNSName: "q.q.b.example.com" }, false],
  [{ DNSName: "other.example.com" }, false],
  [{ DNSName: "1.2.3.4" }, true],
  [{ DNSName: "1.2.3.5" }, false],
  [{ CurrentTime: 1 }, false],
  [{ KeyUsages: ["KeyUsageClientAuth"] }, true],
  [{ KeyUsages: ["KeyUsageCodeSigning"] }, false],
  [{ KeyUsages: ["KeyUsageCodeSigning", "KeyUsageAny"] }, true],
])("with the options %j the chain holds: %j", (options, expected) => {
  expect(holds(options)).toBe(expected);
});

test("options that do not exist are errors", () => {
  expect(() => holds({ Host: "x" })).toThrow("invalid key option");
  expect(() => holds({ KeyUsages: ["KeyUsageX"] })).toThrow("invalid entries for 'KeyUsages' found: [KeyUsageX]");
});

test("a signature or a name that was changed makes the chain fail", () => {
  const bytes = Buffer.from(leaf.replace(/-----[^-]+-----|\n/g, ""), "base64");
  const wrapped = (der: Buffer): string => `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`; // prettier-ignore
  expect(holds({}, root + authority + wrapped(bytes))).toBe(true);
  for (const at of [bytes.indexOf("a.example.com"), bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    expect(holds({}, root + authority + wrapped(changed))).toBe(false);
  }
});

test("without an injected crypto verifying is refused in words, and reading works", () => {
  const neutral = compileModules([{ path: "certificates.rego", text: source }]);
  expect(() => neutral.query("data.certificates.verified", { input: { pem }, strictBuiltinErrors: true })).toThrow(
    "cryptography with keys is not available: none was injected",
  );
  expect(neutral.query("count(data.certificates.parsed)", { input: { pem } })[0]?.expressions).toEqual([3]);
});

test("with any byte changed, and cut anywhere, the answer is certificates or a typed error", () => {
  const bytes = Buffer.from(leaf.replace(/-----[^-]+-----|\n/g, ""), "base64");
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 0xff;
    for (const each of [changed, bytes.subarray(0, at)]) {
      try {
        expect(ask("parsed", { pem: each.toString("base64") })).toBeInstanceOf(Array);
      } catch (error) {
        expect(error).toBeInstanceOf(RegoError);
      }
    }
  }
});
