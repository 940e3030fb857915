import { parseYamlDocuments, record, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import type { Exemption } from "@plimsoll/model";
import { readExpiry } from "@plimsoll/triage";

/** An exemption from a rule, until a date. It applies to a reason when every member that is set matches. */
export interface AdmissionExemption extends Exemption {
  /** `KIND name` of the policy, as reasons give it. Absent: any. */
  readonly policy?: string | undefined;
  /** Id of a reason: a CVE, a rule. Absent: any. */
  readonly id?: string | undefined;
  /** Namespace of the object. Absent: any. */
  readonly namespace?: string | undefined;
  /** Name of the object. Absent: any. */
  readonly name?: string | undefined;
  /** Kind of the object. Absent: any. */
  readonly kind?: string | undefined;
  /** An image as the object names it, or a repository, for all of its tags and digests. Absent: any. */
  readonly image?: string | undefined;
}

/** The properties of a reason that an exemption is matched with. */
export interface ExemptionSubject {
  readonly policy: string;
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly image: string;
}

const members = ["policy", "id", "namespace", "name", "kind", "image"] as const;

/** Whether an exemption applies to a reason. One without any member applies to nothing, because an exemption from everything is a mistake. */
export function covers(exemption: AdmissionExemption, subject: ExemptionSubject): boolean {
  const named = members.filter((member) => exemption[member] !== undefined);
  return named.length > 0 && named.every((member) => matches(member, exemption[member] ?? "", subject));
}

function matches(member: (typeof members)[number], wanted: string, subject: ExemptionSubject): boolean {
  const value = subject[member];
  if (member !== "image") return value === wanted;
  // Behind a repository come a tag and a digest. What has a slash is the port of a registry of that name, and another repository.
  return value === wanted || (value.startsWith(wanted) && /^[:@][^/]*$/.test(value.slice(wanted.length)));
}

const wholeDay = "2026-01-01";
const millisecondsOfDay = 86_400_000;

/**
 * Whether an exemption has expired. True also when its date cannot be parsed, and when it has a date and `now` is not known. A date without a time
 * lasts until the end of that day, and a time without a zone is one in UTC.
 */
export function hasExpired({ expires }: Exemption, now: string | undefined): boolean {
  if (expires === undefined) return false;
  const expiry = readExpiry(expires);
  if (typeof expiry !== "object") return true;
  // A date alone holds until that day is over.
  const end = expiry.at + (expiry.text.length === wholeDay.length ? millisecondsOfDay - 1 : 0);
  const at = now === undefined ? Number.NaN : Date.parse(now);
  return !(at <= end);
}

/**
 * Reads a list of exemptions (YAML or JSON).
 * @param label The name of the file, for errors.
 * @throws {ScanError} for text that is not a list of exemptions, for unknown or missing members, and for members that are not texts.
 */
export function readExemptions(text: string, label: string): readonly AdmissionExemption[] {
  const wrong = (reason: string): ScanError => new ScanError({ kind: "malformed-document", label, reason });
  const { documents, problems } = parseYamlDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) throw wrong(`line ${problem.line}: ${problem.message}`);
  const [document] = documents;
  const list: unknown = document?.value ?? [];
  if (!Array.isArray(list) || documents.length > 1) throw wrong("it must be one list of exemptions");
  return list.map((value: unknown, index) => {
    const given = record(value);
    const stray = Object.keys(given ?? {}).find((name) => !everyMember.includes(name));
    if (given === undefined || stray !== undefined)
      throw wrong(
        `exemption ${index + 1}: ${stray === undefined ? "it must be an object" : `unknown member ${stray}`}`,
      );
    const entries = Object.keys(given).map((name) => {
      const text_ = textField(given, name);
      // A member that is left out widens an exemption: without its date it holds forever.
      if (text_ === undefined) throw wrong(`exemption ${index + 1}: ${name} must be a text that is not empty`);
      return [name, text_] as const;
    });
    const read = Object.fromEntries(entries);
    const { by, reason } = read;
    if (by === undefined || reason === undefined) throw wrong(`exemption ${index + 1}: by and reason are required`);
    if (!members.some((name) => read[name] !== undefined))
      throw wrong(`exemption ${index + 1}: it must name at least one of policy, id, namespace, name, kind and image`);
    return { ...read, by, reason };
  });
}

const everyMember: readonly string[] = ["by", "reason", "scope", "expires", "origin", ...members];
