import { generateKeyPairSync } from "node:crypto";
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

const keyPolicies = compileModules([], { environment: regoEnvironment() });

function askKey(query: string, input: unknown): unknown {
  return keyPolicies.query(query, { input, strictBuiltinErrors: true })[0]?.expressions[0];
}

test("private keys are read in the shapes of OPA: Go's fields, or a JWK", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  const ed = generateKeyPairSync("ed25519").privateKey;
  const integer = (text: string | undefined): string =>
    BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex")}`).toString();
  for (const type of ["sec1", "pkcs8"] as const) {
    const text = ec.export({ type, format: "pem" });
    const jwk = ec.export({ format: "jwk" });
    expect(askKey("crypto.x509.parse_rsa_private_key(input)", text)).toEqual(jwk);
    expect(keyPolicies.queryText("crypto.parse_private_keys(input)", { input: text })).toContain(
      `[{"Curve":{},"D":${integer(jwk.d)},"X":${integer(jwk.x)},"Y":${integer(jwk.y)}}]`,
    );
  }
  const both = `${String(rsa.export({ type: "pkcs1", format: "pem" }))}${String(ed.export({ type: "pkcs8", format: "pem" }))}`;
  const [first, second] = askKey("crypto.parse_private_keys(base64.encode(input))", both) as [
    Record<string, unknown>,
    string,
  ];
  expect(Object.keys(first)).toEqual(["D", "E", "N", "Precomputed", "Primes"]);
  expect(String(first["N"])).toBe(integer(rsa.export({ format: "jwk" }).n));
  expect(first["E"]).toBe(65537);
  const { d = "", x = "" } = ed.export({ format: "jwk" });
  expect(second).toBe(Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]).toString("base64"));
});

test("what holds no private key is an empty list, null, or an error, as in OPA", () => {
  expect(askKey("crypto.parse_private_keys(input)", "nope")).toEqual([]);
  expect(askKey("crypto.parse_private_keys(input)", pem)).toEqual([]);
  expect(askKey("crypto.parse_private_keys(input)", "")).toBeNull();
  expect(askKey("crypto.x509.parse_rsa_private_key(input)", "nope")).toBeNull();
  expect(() => askKey("crypto.x509.parse_rsa_private_key(input)", "")).toThrow("input PEM data was empty");
  const broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  expect(() => askKey("crypto.parse_private_keys(input)", broken)).toThrow("asn1: structure error");
});

test("a pair is a certificate and the key that it is for", () => {
  const key = readFileSync(new URL("fixtures/certificate-and-key.pem", import.meta.url), "utf8");
  const [certificate = "", own = ""] = key.split(/(?<=-----END CERTIFICATE-----\n)/);
  const other = String(
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }),
  );
  const another = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  const pair = (first: string, second: string): unknown =>
    askKey("crypto.x509.parse_keypair(input[0], input[1])", [first, second]);

  expect(pair(certificate, own)).toMatchObject({
    Certificate: [expect.stringMatching(/^MII/) as string],
    Leaf: { Subject: { CommonName: "x" } },
    PrivateKey: { Curve: {} },
    OCSPStaple: null,
  });
  expect(() => pair(certificate, other)).toThrow("tls: private key does not match public key");
  expect(() => pair(certificate, another)).toThrow("tls: private key type does not match public key type");
  expect(() => pair(own, own)).toThrow("PEM inputs may have been switched");
  expect(() => pair(certificate, certificate)).toThrow("found a certificate rather than a key");
});

test("without a crypto that reads them, private keys are refused", () => {
  const policy = compileModules([]);
  const text = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  expect(() => policy.query("crypto.parse_private_keys(input)", { input: text })).toThrow("none was injected");
});
