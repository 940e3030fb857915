import { CelEvaluationError } from "../../cel-error.ts";
import { CelOptional, isObject, ValueList, type CelObject, type CelValue } from "../../values.ts";
import { method, overload, type CelFunction } from "../define.ts";

const formatType = "kubernetes.NamedFormat";
const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainPattern = `${label}(\\.${label})*`;
const label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const wholeName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

/** A message as Kubernetes gives it, with examples and the pattern. */
function message(what: string, pattern: string, ...examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}', `).join(" or ");
  return `${what} (e.g. ${list}regex used for validation is '${pattern}')`;
}

const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const nameExamples = ["MyName", "my.name", "123-abc"];
const labelMessage = message(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  "my-name",
  "123-abc",
);
const subdomainMessage = message(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainPattern,
  "example.com",
);
const label1035Message = message(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035,
  "my-name",
  "abc-123",
);
const nameMessage = message(`name part ${nameRule}`, wholeName, ...nameExamples);
const keyMessage = `${message(`a valid label key ${nameRule}`, wholeName, ...nameExamples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
const valueMessage = message(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${wholeName})?`,
  "MyValue",
  "my_value",
  "12345",
);
const namePattern = new RegExp(`^${wholeName}$`);

type Rule = (text: string) => readonly string[];

function rule(
  most: number,
  pattern: RegExp,
  problem: string,
  tooLong = `must be no more than ${most} characters`,
): Rule {
  return (text) => [...(text.length > most ? [tooLong] : []), ...(pattern.test(text.slice(0, 4096)) ? [] : [problem])];
}

/**
 * A prefix may end in a dash, since a generated suffix follows it; a dash alone is not one. Kubernetes puts one letter for the dash and the character
 * before it, so that a prefix may have one character more, and any one of ASCII before its dash: of others it leaves a part (apimachinery's
 * `maskTrailingDash`).
 */
function prefix(inner: Rule): Rule {
  return (text) => inner(/[^\u0080-\uffff]-$/.test(text.slice(-2)) ? `${text.slice(0, -2)}a` : text);
}

function qualifiedName(text: string): readonly string[] {
  const [first = "", second, ...more] = text.split("/");
  if (more.length > 0) return [keyMessage];
  if (second === undefined) return namePart(first);
  const before =
    first === "" ? ["prefix part must be non-empty"] : subdomain(first).map((problem) => `prefix part ${problem}`);
  return [...before, ...namePart(second)];
}

function namePart(text: string): readonly string[] {
  const empty = text === "" ? ["name part must be non-empty"] : [];
  return [...empty, ...rule(63, namePattern, nameMessage, "name part must be no more than 63 bytes")(text)];
}

const dnsLabel = rule(63, new RegExp(`^${label}$`), labelMessage);
const subdomain = rule(253, new RegExp(`^${subdomainPattern}$`), subdomainMessage);
const dns1035Label = rule(63, new RegExp(`^${label1035}$`), label1035Message);

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function uri(text: string): readonly string[] {
  if (/^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)[^\s]*$/.test(text)) return [];
  if (text === "") return ['parse "": empty url'];
  const hasScheme = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)/.test(text);
  return [hasScheme ? "must be a valid URI" : `parse ${JSON.stringify(text)}: invalid URI for request`];
}

/** Rules by name; the names and the messages' meaning are Kubernetes' (apimachinery `validation`). */
const rules: Readonly<Record<string, Rule>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: subdomain,
  dns1035Label,
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123SubdomainPrefix: prefix(subdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  qualifiedName,
  labelValue: (text) => (text === "" ? [] : rule(63, namePattern, valueMessage, "must be no more than 63 bytes")(text)),
  uri,
  uuid: (text) =>
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)
      ? []
      : ["does not match the UUID format"],
  byte: (text) =>
    text !== "" && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
      ? []
      : ["invalid base64"],
  date: (text) => (isDate(text) ? [] : ["invalid date"]),
  datetime: (text) =>
    isDate(text.slice(0, 10)) &&
    /^[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text.slice(10))
      ? []
      : ["invalid datetime"],
};

/** A named rule as a value. */
class FormatValue implements CelObject {
  readonly celType = formatType;
  readonly name: string;
  readonly rule: Rule;
  constructor(name: string, check: Rule) {
    this.name = name;
    this.rule = check;
  }
  equals(other: CelObject): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

function named(name: string): FormatValue | undefined {
  const found = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return found && new FormatValue(name, found);
}

function formatOf(value: CelValue): FormatValue {
  if (isObject(value) && value instanceof FormatValue) return value;
  throw new CelEvaluationError("no such overload: the value is not a named format");
}

/** Rules on names (Kubernetes' CEL library `format`). */
export const namedFormatFunctions: readonly CelFunction[] = [
  ...Object.entries(rules).map(([name, check]) =>
    overload(`format.${name}`, [], formatType, () => new FormatValue(name, check)),
  ),
  overload("format.named", ["string"], `optional(${formatType})`, (_, name) => new CelOptional(named(name))),
  method("validate", [formatType, "string"], "optional(list(string))", (call, format, text) => {
    call.spend(text.length / 10);
    const problems = formatOf(format).rule(text);
    return problems.length === 0 ? CelOptional.none : new CelOptional(new ValueList(problems));
  }),
];
