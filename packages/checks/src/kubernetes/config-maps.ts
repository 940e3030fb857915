import { asObject, asText, member } from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import type { KubernetesCheck } from "../check.ts";
import { kubernetesCheck } from "../shared/define.ts";
import { at, named } from "./subject.ts";

const references = ["https://kubernetes.io/docs/concepts/configuration/secret/"];

const secretWords = [
  "password",
  "pass",
  "pword",
  "passphrase",
  "passwrd",
  "passwd",
  "secret",
  "secretkey",
  "appsecret",
  "clientsecret",
  "aws_access_key_id",
  "pswrd",
  "token",
  "pwd",
];
const sensitiveWords = ["username", "email", "key", "phone", "iban"];

/** A longer value is looked at up to here. */
const maxLength = 1 << 20;

/** What ConfigMaps hold and should not. */
export const configMapChecks: readonly KubernetesCheck[] = [
  kubernetesCheck({
    id: "KSV-0109",
    name: "configMap-with-secrets",
    alsoKnownAs: ["configMap_with_secrets"],
    title: "Secret in a ConfigMap",
    severity: "HIGH",
    description: "ConfigMaps are neither encrypted nor kept from those who may read configuration.",
    remediation: "Move the value to a Secret.",
    references,
    kinds: ["ConfigMap"],
    *evaluate({ object }) {
      yield* keysHit(object, "keeps what looks like a secret in", (key, value) => {
        if (secretWords.some((word) => key.toLowerCase().includes(word))) return true;
        return value.split("\n").some((line) => assigns(line, secretWords) && hasValue(line));
      });
    },
  }),
  kubernetesCheck({
    id: "KSV-01010",
    name: "configMap-with-sensitive",
    alsoKnownAs: ["configMap_with_sensitive"],
    title: "Personal or other sensitive content in a ConfigMap",
    severity: "MEDIUM",
    description:
      "Names, addresses and account numbers in a ConfigMap are open to everybody who may read configuration.",
    remediation: "Move the value to a Secret, or out of the cluster.",
    references,
    kinds: ["ConfigMap"],
    *evaluate({ object }) {
      yield* keysHit(object, "keeps what looks like sensitive content in", (key, value) => {
        const name = key.toLowerCase();
        if ([...sensitiveWords, "sha1", "md5"].some((word) => name.includes(word)) || holdsAddress(key)) return true;
        return value.split("\n").some((line) => {
          const separated = line.includes(":") || line.includes("=");
          if (separated && (assigns(line, sensitiveWords) || /sha1|md5/i.test(line) || holdsAddress(line))) return true;
          // What follows the name of a host is its port, and no passport's number.
          return line
            .split(":")
            .some((part, place) => holdsAddress(part) || isIban(part) || (place === 0 && isPassportNumber(part)));
        });
      });
    },
  }),
];

function* keysHit(
  object: KubernetesObject,
  message: string,
  isSensitive: (key: string, value: string) => boolean,
): Generator<{ message: string; path: readonly (string | number)[] }> {
  const data = asObject(member(object.value, "data")) ?? {};
  const keys = Object.keys(data).filter((key) => isSensitive(key, (asText(data[key]) ?? "").slice(0, maxLength)));
  const [first] = keys;
  if (first !== undefined)
    yield { message: `${named(object)} ${message} ${keys.join(", ").slice(0, 200)}`, path: at(object, "data", first) };
}

/** Whether one of the words stands before `=` or `:`, with blanks at most between. */
function assigns(line: string, words: readonly string[]): boolean {
  const lower = line.toLowerCase();
  for (let at = lower.search(/[=:]/); at !== -1;) {
    let end = at;
    while (end > 0 && /\s/.test(lower[end - 1] ?? "")) end--;
    if (words.some((word) => lower.startsWith(word, end - word.length) && end >= word.length)) return true;
    const next = lower.slice(at + 1).search(/[=:]/);
    at = next === -1 ? -1 : at + 1 + next;
  }
  return false;
}

/** Whether what is assigned is a value rather than a reference that is filled in later. */
function hasValue(line: string): boolean {
  return [":", "="].some((separator) => {
    const value = line.split(separator)[1];
    return value !== undefined && value !== "" && !/^"?(?:\$\{|\$\(|\{\{)/.test(value);
  });
}

/** Whether a text holds something like `name@example.com`. */
function holdsAddress(text: string): boolean {
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1))
    if (
      /[\w.-]/.test(text[at - 1] ?? "") &&
      /^(?:[a-zA-Z0-9-]{1,63}\.){1,8}(?:[a-zA-Z]{2}|\d)/.test(text.slice(at + 1, at + 256))
    )
      return true;
  return false;
}

function isIban(text: string): boolean {
  return /[A-Z]{2}[ -]?\d{2}[ -]?(?:[A-Z0-9]{3,5}[ -]?){2,7}[A-Z0-9]{1,3}/.test(text.slice(0, 4096));
}

/** Whether a text could be a passport's number. */
function isPassportNumber(text: string): boolean {
  return /^[A-Z0-9<]{3,20}$/.test(text);
}
