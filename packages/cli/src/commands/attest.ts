import { createPrivateKey } from "node:crypto";
import { readJson } from "../read-json.ts";
import type { KeyObject } from "node:crypto";
import type { Command } from "commander";
import { attestByPolicy, vulnerabilitiesOf } from "@plimsoll/admission";
import type { SigningMode } from "@plimsoll/admission";
import { signAttestation, verifyAttestation } from "@plimsoll/attestations";
import type { AttestationOptions, IdentifiedKey, Signer, SignerIdentity } from "@plimsoll/attestations";
import type { Attestation } from "@plimsoll/model";
import { sigstoreVerifier } from "@plimsoll/node";
import { attestationStoreOf, pinnedImage, withAttestationOptions } from "../attestation-location.ts";
import type { AttestationFlags } from "../attestation-location.ts";
import { exitCodes, oneOf, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { writeOutput } from "../output.ts";
import { readResult } from "../read-result.ts";
import { readText } from "../read-text.ts";
import { algorithmFor, authorityIn, keyOf, onlyDocument } from "../trusted-signers.ts";
import { examples } from "./examples.ts";

const modes = ["check-only", "check-and-sign", "bypass-and-sign"] as const;
const forms = ["detached", "jwt", "dsse"] as const;

interface SignFlags extends AttestationFlags {
  readonly key?: string;
  readonly keyId?: string;
  readonly algorithm?: string;
  readonly form?: string;
  readonly predicate?: string;
  readonly predicateType?: string;
  readonly policy?: string;
  readonly mode?: string;
  readonly report?: string;
  readonly output?: string;
}

interface VerifyFlags extends AttestationFlags {
  readonly key: readonly string[];
  readonly algorithm?: string;
  readonly authority: readonly string[];
  readonly certificateIdentity?: string;
  readonly certificateIdentityRegexp?: string;
  readonly certificateOidcIssuer?: string;
  readonly trustRoot?: string;
  readonly format: string;
}

type Finish = (code: number) => void;
const collect = (value: string, others: readonly string[]): readonly string[] => [...others, value];

/** Adds `attest sign` and `attest verify`. */
export function addAttestCommands(program: Command, terminal: Terminal, finish: Finish): void {
  const attest = program
    .command("attest")
    .description("Signs images and verifies what others signed: cosign, PGP, Binary Authorization, in-toto, sigstore.")
    .addHelpText(
      "after",
      examples(
        "plimsoll attest sign registry.example/app:1 --key cosign.key",
        "plimsoll attest verify registry.example/app:1 --key cosign.pub",
      ),
    );
  addSign(attest, terminal, finish);
  addVerify(attest, terminal, finish);
}

function addSign(attest: Command, terminal: Terminal, finish: Finish): void {
  const command = attest
    .command("sign")
    .summary("sign an image, if a policy is met")
    .description(
      "Signs an image by its digest and keeps the signature beside it. With --policy (a VulnzSigningPolicy or ImageSecurityPolicy) the report is checked first. The key's password is taken from PLIMSOLL_KEY_PASSWORD or COSIGN_PASSWORD. Exit code 1 when the policy is not met.",
    )
    .argument("<image>", "reference of the image; a tag is resolved to its digest")
    .option("--key <file>", "private key: PKCS #8, cosign's encrypted key, or PGP in ASCII armor")
    .option("--key-id <id>", "id of the key in the signature (default for PGP: its fingerprint)")
    .option("--algorithm <name>", "such as EcdsaP256Sha256 (default: the usual one for the key)")
    .option("--form <form>", `one of ${forms.join(", ")}`, "detached")
    .option("--predicate <file>", "for --form dsse: JSON that the statement says")
    .option("--predicate-type <type>", "for --form dsse: what kind of predicate it is")
    .option("--policy <file>", "sign only what this policy allows")
    .option("--mode <mode>", `one of ${modes.join(", ")}`, "check-and-sign")
    .option("--report <file>", "the image's report as JSON, for the policy; - reads stdin")
    .option("--output <file>", "write the attestation to a file, and do not store it");
  withAttestationOptions(command)
    .addHelpText(
      "after",
      examples(
        "plimsoll attest sign registry.example/app:1 --key cosign.key",
        "plimsoll image registry.example/app:1 --format json | plimsoll attest sign registry.example/app:1 --key key.pem --policy signing.yaml --report -",
        "plimsoll attest sign registry.example/app:1 --policy signing.yaml --mode check-only --report report.json",
      ),
    )
    .action(async (reference: string, flags: SignFlags) => {
      const mode = oneOf("--mode", flags.mode ?? "", modes);
      const image = await pinnedImage(reference, flags, terminal);
      const sign = async (): Promise<Attestation> => signAttestation(image, await signerOf(flags, terminal));
      if (flags.policy === undefined) {
        if (mode === "check-only") throw new UsageError("--mode check-only needs --policy");
        await keep(image, await sign(), flags, terminal);
        finish(exitCodes.done);
        return;
      }
      if (mode !== "check-only" && flags.key === undefined) throw new UsageError("--key: there is no key to sign with");
      const outcome = await attestByPolicy(image, {
        policy: onlyDocument(flags.policy),
        mode: mode satisfies SigningMode,
        vulnerabilities: await vulnerabilitiesFor(mode, flags),
        sign,
      });
      for (const { reason, change } of outcome.violations) terminal.stderr.write(`${reason}; ${change}\n`);
      if (outcome.attestation !== undefined) await keep(image, outcome.attestation, flags, terminal);
      else terminal.stderr.write(`${image} ${outcome.passed ? "meets the policy" : "does not meet the policy"}\n`);
      finish(outcome.passed || mode === "bypass-and-sign" ? exitCodes.done : exitCodes.failed);
    });
}

async function vulnerabilitiesFor(
  mode: SigningMode,
  { report }: SignFlags,
): Promise<ReturnType<typeof vulnerabilitiesOf> | undefined> {
  if (mode === "bypass-and-sign") return undefined;
  if (report === undefined) throw new UsageError(`--mode ${mode} needs --report: a policy is about what a scan found`);
  const result = await readResult(report);
  if (!("coverage" in result)) throw new UsageError(`--report: ${report} is an inventory, and no report`);
  return vulnerabilitiesOf(result);
}

async function keep(image: string, attestation: Attestation, flags: SignFlags, terminal: Terminal): Promise<void> {
  if (flags.output !== undefined) {
    await writeOutput([`${JSON.stringify(attestation, undefined, 1)}\n`], flags.output, terminal);
    return;
  }
  const store = attestationStoreOf(flags, terminal);
  await store.put(image, attestation, { signal: terminal.signal });
  terminal.stderr.write(`${image} is attested; the signature is kept in ${store.label}\n`);
}

async function signerOf(flags: SignFlags, { env }: Terminal): Promise<Signer> {
  if (flags.key === undefined) throw new UsageError("--key: there is no key to sign with");
  const text = readText(flags.key);
  const password = env["PLIMSOLL_KEY_PASSWORD"] ?? env["COSIGN_PASSWORD"];
  if (text.includes("-----BEGIN PGP")) return { pgpPrivateKey: text, password };
  const statement =
    flags.predicate === undefined && flags.predicateType === undefined
      ? undefined
      : { predicateType: flags.predicateType ?? "", predicate: predicateIn(flags.predicate) };
  if (statement?.predicateType === "") throw new UsageError("--predicate needs --predicate-type");
  return {
    privateKeyPem: text,
    password,
    algorithm: flags.algorithm ?? customaryAlgorithm(text),
    keyId: flags.keyId ?? "",
    form: oneOf("--form", flags.form ?? "", forms),
    statement,
  };
}

function predicateIn(path: string | undefined): unknown {
  return path === undefined ? {} : readJson("--predicate", path, readText(path));
}

/** What such a key is commonly used with; cosign's encrypted keys are P-256. */
function customaryAlgorithm(pem: string): string {
  if (pem.includes("BEGIN ENCRYPTED")) return "EcdsaP256Sha256";
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new UsageError("--key: it is not a private key in PEM");
  }
  return algorithmFor(key);
}

function addVerify(attest: Command, terminal: Terminal, finish: Finish): void {
  const command = attest
    .command("verify")
    .summary("verify the signatures about an image")
    .description(
      "Verifies the signatures about an image with your keys, authorities, or keyless identities. Exit code 1 when none of them is valid.",
    )
    .argument("<image>", "reference of the image; a tag is resolved to its digest")
    .option("--key <file>", "public key, PEM or PGP in ASCII armor; may be repeated", collect, [])
    .option("--algorithm <name>", "algorithm of the keys (default: the usual one for them)")
    .option("--authority <file>", "AttestationAuthority of Kritis; may be repeated", collect, [])
    .option("--certificate-identity <name>", "keyless: the signer's address or URI")
    .option(
      "--certificate-identity-regexp <pattern>",
      "keyless: a regular expression that matches the signer's whole identity",
    )
    .option("--certificate-oidc-issuer <url>", "keyless: the signer's identity provider")
    .option("--trust-root <file>", "keyless: sigstore's trusted_root.json")
    .option("--format <format>", "text or json", "text");
  withAttestationOptions(command)
    .addHelpText(
      "after",
      examples(
        "plimsoll attest verify registry.example/app:1 --key cosign.pub",
        "plimsoll attest verify registry.example/app:1 --authority authority.yaml --attestations ./attestations",
        "plimsoll attest verify registry.example/app:1 --certificate-identity-regexp 'https://github.com/owner/.*' --certificate-oidc-issuer https://token.actions.githubusercontent.com --trust-root trusted_root.json",
      ),
    )
    .action(async (reference: string, flags: VerifyFlags) => {
      const format = oneOf("--format", flags.format, ["text", "json"]);
      const { keys, options } = await trustOf(flags, terminal);
      const image = await pinnedImage(reference, flags, terminal);
      const attestations = await attestationStoreOf(flags, terminal).list(image, { signal: terminal.signal });
      const results = [];
      for (const attestation of attestations) {
        const { verified, reason } = await verifyAttestation(image, attestation, keys, options);
        results.push({ keyId: attestation.keyId, verified, ...(reason === undefined ? {} : { reason }) });
      }
      const verified = results.some((each) => each.verified);
      const text =
        format === "json"
          ? `${JSON.stringify({ image, verified, signatures: results }, undefined, 2)}\n`
          : [
              `${image}: ${verified ? "verified" : results.length === 0 ? "has no signatures" : "not verified"}\n`,
              ...results.map(
                (each) =>
                  `  ${each.verified ? "valid  " : "refused"} ${each.keyId}${each.reason === undefined ? "" : ` ${each.reason}`}\n`,
              ),
            ].join("");
      await writeOutput([text], undefined, terminal);
      finish(verified ? exitCodes.done : exitCodes.failed);
    });
}

async function trustOf(
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<{ readonly keys: readonly IdentifiedKey[]; readonly options: AttestationOptions }> {
  const keys: IdentifiedKey[] = [];
  const identities: SignerIdentity[] = [];
  for (const path of flags.key) keys.push(await keyOf(path, flags.algorithm));
  for (const path of flags.authority) {
    const authority = await authorityIn(path);
    keys.push(...authority.keys);
    identities.push(...authority.identities);
  }
  const { certificateIdentity: subject, certificateIdentityRegexp: subjectPattern } = flags;
  if (subject !== undefined || subjectPattern !== undefined) {
    const issuer = flags.certificateOidcIssuer;
    if (issuer === undefined) throw new UsageError("--certificate-identity needs --certificate-oidc-issuer");
    identities.push({ issuer, subject, subjectPattern });
  }
  if (keys.length === 0 && identities.length === 0)
    throw new UsageError("name whom to trust: --key, --authority or --certificate-identity");
  if (identities.length > 0 && flags.trustRoot === undefined)
    throw new UsageError("keyless signatures need --trust-root trusted_root.json");
  const verifyBundle =
    flags.trustRoot === undefined
      ? undefined
      : sigstoreVerifier(readJson("--trust-root", flags.trustRoot, readText(flags.trustRoot)));
  return { keys, options: { now: terminal.now(), verifyBundle, identities } };
}
