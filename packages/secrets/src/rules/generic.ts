/** Secrets of no provider: private keys, tokens in standard forms, credentials in URLs and commands, values with telling names. */

import type { SecretRule } from "../secret-rule.ts";
import { matching, token, valueEnd } from "./shared/contexts.ts";

/** Names of values that tell nothing secret although a word in them does, and ends of names that make identifiers of them. */
const harmlessNames =
  "(?i)(?:access(?:ibility|or|_?log|ed\\b)|author|authentic(?:ate|ation)\\b.{0,3}$|api[_.-]?(?:id|name|version|url|host|group|path|level)|key[_. -]?(?:board|code|event|frame|word|press|up|down|name|path|size|type|id|alias|ring|val|usage|range|space|stone|mgmt|len)|(?:pub|public|primary|foreign|sort|partition|cache|i18n|translation|issue|hot|tab|map|group|row|column|registry)[_.-]?key|(?:next|page|pagination|continuation|sync|cursor|resume)(?:[_.-]?\\w{0,12})?[_.-]?token|token(?:i[sz]|[_.-]?(?:type|kind|name|count|limit|length|url|uri|endpoint|file|address|symbol|version))|csrf|secret[_.-]?(?:name|ref|id|arn|path|version|length|size)|passw(?:or)?d[_.-]?(?:hash|file|field|policy|length|min|max|reset|label|hint)|monkey|turkey|donkey|jockey|whiskey|hockey|keyring|rapid|capital|integrity|checksum|sha\\d{1,3}|md5|digest|etag|resolved|credentials?[_.-]?id|accesskeyid|websocket|nonce|ssh-|known_hosts)";

/** Words and beginnings that make text of a value. */
const harmlessValues = [
  // A digit is the least that a generated value has.
  "^[A-Za-z_.=-]+$",
  // Versions, dates, hashes with the name of their algorithm, addresses, paths, calls, members.
  "^v?\\d+(?:\\.\\d+)+",
  "^\\d{4}-\\d\\d-\\d\\d",
  "(?i)^(?:sha\\d{1,3}|md5|blake2b|h1)[-:=]",
  "^[\\w-]+(?:\\.[\\w-]+)+$",
  "^\\d?[a-z]+(?:[_-][a-z0-9]{1,12})+$",
  "^[A-Z]+(?:_[A-Z0-9]+)+$",
  "^(?:0x)?[0-9A-Fa-f]{1,12}$",
  "^(?:[0-9a-f]{2}[:-]){5,}",
  "^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
  "(?i)^(?:true|false|null|none|undefined|string|number|boolean)",
  // Words joined by something, as identifiers, keys of messages and combinations of keys are.
  "(?:^|[_.=-])[A-Za-z]{3,}[_.-][A-Za-z]{3,}(?:[_.-]|$)",
  "^[A-Za-z]+(?:\\d{0,3}[A-Za-z]+)?(?:\\+[0-9A-Za-z]+)+$",
  "^[a-z]+(?:[A-Z][a-z]+)+\\d{0,2}$",
  "^(?:[A-Z][a-z]+)+\\d{0,2}$",
  // Words joined by underscores, each in one case: asn1_NOVALUE.
  "^_?(?:[A-Z]{2,}|[A-Z]?[a-z]{2,})\\d{0,2}(?:_(?:[A-Z]{2,}|[A-Z]?[a-z]{2,})\\d{0,2})+_?$",
  // The same with versions and abbreviations in them: Ipv6CidrBlock, exchangeV3Token, JSONSchemaDraft4.
  "^_?(?:my_)?k?[A-Z]{0,6}[a-z]{2,}(?:\\d{1,3}[a-z]{2,})?\\d{0,3}(?:_?[A-Z]{1,6}[a-z]{2,}\\d{0,3}|[A-Z]\\d{1,2})+[a-z]?[.=]?$",
  // JSON in base64 is looked into, not taken for a secret itself.
  "^e(?:yJ|wog|w0K)",
  "^[A-Z][a-z]{2,}_(?:[0-9A-Z][0-9A-Za-z]{0,11}_)*[A-Z][a-z]{2,}$",
  // Names of headers.
  "^(?:[A-Z][0-9A-Za-z]{0,14}-)+[A-Z][A-Za-z]{2,14}$",
  // A point of the curve P-256, as Web Push has its public keys (RFC 8292).
  "^B[\\w-]{86}$",
  // Paths of words.
  "^[A-Za-z.-]+\\d{0,3}(?:/[A-Za-z.-]*\\d{0,3})+$",
  // API versions of Kubernetes.
  "^[a-z0-9.-]+/v\\d{1,2}(?:(?:alpha|beta)\\d{1,2})?$",
];

/** What, in the same line, makes public what follows. */
const publicLines = [
  "(?i)\\b(?:gpg|pgp)[ _-]?(?:public[ _-]?)?keys?\\b",
  "(?i)\\bpublic[_-]?key[\"']?\\s?[=:]",
  // The name of a secret, not its value.
  "(?i)\\barn:[\\w-]{2,20}:(?:secretsmanager|ssm|kms|iam):",
];

const stopWords = (
  "abcdef 012345 123456 654321 aabbcc qwert asdf example sample localhost 127.0.0.1 default required optional disabled enabled " +
  "function return this. self. module class import export const public private static async await error message button click " +
  "input label title description document window element component request response content config setting option template " +
  "version package license copyright january february september october november december windows-1252 iso-8859 utf-8 utf8 base64 " +
  "sha256 sha512 sha-256 aes-256 aes128 aes256 rsa2048 x509 oauth2 http1 http2 http: https: file: data: node_modules test_ _test -test mock fake stub"
).split(" ");

/** Most UUIDs name something; those that are given to one of these names open something, as old tokens of npm do. */
const namesOfUuidKeys =
  "(?i:_authToken|(?:api|auth|access)[_.-]?(?:key|token)|secret[_.-]?(?:access[_.-]?)?key|client[_.-]?secret|(?:client|bot|user|root|vault|consul)[_-]token|passw(?:or)?d)";

/** How UUIDs begin that manuals print: RFC 4122 and RFC 9562, Swagger UI, the package uuid of npm, and those that others copy from these. */
const exampleUuids = (
  "6ba7b810-9dad-11d1 6ba7b811-9dad-11d1 6ba7b812-9dad-11d1 6ba7b814-9dad-11d1 f81d4fae-7dec-11d0 919108f7-52d1-4320 " +
  "3fa85f64-5717-4562 9b1deb4d-3b7d-4bad 1b9d6bcd-bbfd-4b2d 110ec58a-a0f2-4ac4 " +
  "550e8400-e29b-41d4 123e4567-e89b-12d3 f47ac10b-58cc-4372 01234567-89ab"
).split(" ");

export const genericRules: readonly SecretRule[] = [
  token({
    id: "age-secret-key",
    title: "age secret key",
    category: "Age",
    severity: "MEDIUM",
    keywords: ["age-secret-key-1"],
    value: "AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}",
    left: "any",
    right: "any",
  }),
  matching({
    id: "private-key",
    title: "Private key",
    category: "AsymmetricPrivateKey",
    severity: "HIGH",
    keywords: ["private key"],
    // Every label of RFC 7468 and RFC 1421, OpenSSH's, SSH.com's with four dashes, and PGP's blocks; line ends may be escaped, as in JSON. What
    // stands between is no program, and no key that ends and another that begins. Each line may have a dash or two of its own before it, as
    // those that a patch removes and comments of SQL have. A row of dashes hides no key: only one that begins or ends a key ends what stands
    // between.
    pattern: String.raw`(?i)-{4,5}\s?BEGIN[ \w-]{0,100}PRIVATE KEY(?: BLOCK)?\s?-{4,5}(?:-{0,3}[^\x60{};-]|-{4,}(?:\s-+)*(?:\s?[^\x60{};\s\-EB]|\s{2}|\s?E(?:[^\x60{};N-]|N[^\x60{};D-])|\s?B(?:[^\x60{};E-]|E[^\x60{};G-]))){64,}?-{4,7}\s?END[ \w-]{0,100}PRIVATE KEY(?: BLOCK)?\s?-{4,5}`,
    near: { before: 120, after: 16_384 },
  }),
  matching({
    id: "putty-private-key",
    title: "Private key of PuTTY",
    category: "AsymmetricPrivateKey",
    severity: "HIGH",
    keywords: ["putty-user-key-file-"],
    pattern: String.raw`PuTTY-User-Key-File-[123]: [\w@.-]{1,60}(?:\s|\\[nr])[^\x60{};]{0,900}?(?:[^\x60{};]{0,900}?)Private-Lines: \d{1,4}(?:\s|\\[nr])(?:[0-9A-Za-z+/=\s]|\\[nr]){40,}(?:Private-(?:MAC|Hash): [0-9a-f]{40,64})?`,
    near: { before: 60, after: 16_384 },
  }),
  matching({
    id: "jwk-private-key",
    title: "Private JSON Web Key",
    category: "AsymmetricPrivateKey",
    severity: "HIGH",
    keywords: [`"kty"`],
    // RFC 7518, sections 6.2.2 and 6.3.2: "d" beside the type, whatever stands between.
    pattern: String.raw`\{[^{}]{0,900}(?:"kty"\s{0,8}:\s{0,8}"(?:RSA|EC|OKP)"[^{}]{0,900}[,\s]"d"|"d"\s{0,8}:\s{0,8}"[\w-]{40,900}"[^{}]{0,900}"kty")\s{0,8}:\s{0,8}"(?P<secret>[\w-]{2,900})"`,
    near: { before: 4096, after: 4096 },
  }),
  matching({
    id: "jwt",
    aliases: ["jwt-token"],
    title: "JSON Web Token",
    category: "JWT",
    severity: "MEDIUM",
    keywords: [".ey"],
    pattern: String.raw`\b(?P<secret>ey[0-9A-Za-z]{17,}\.ey[\w/\\-]{17,}\.(?:[\w/\\-]{10,}={0,2})?)`,
    near: { before: 2048, after: 4096 },
    entropy: 3,
    check: "json-web-token",
  }),
  matching({
    id: "jwt-base64",
    title: "JSON Web Token inside base64",
    category: "JWT",
    severity: "MEDIUM",
    keywords: ["zxlk"],
    // "ey" of a header in base64 again: what follows are names of header parameters, encoded twice.
    pattern: String.raw`\b(?P<secret>ZXlK(?:aGJHY2|aGNI|aGRX|aU5q|amNt|amRI|bGNH|bGJt|cWEz|cWQy|cGMz|cGRp|cmFX|clpY|cmRI|dWIy|d01t|d01u|d2NI|emRX|emRu|MFlX|MGVY|MWNt|MWMy|MlpY|NElq|NE5X|NE5Y|NmFY)[\w/\\+-]{40,}={0,2})`,
    near: { before: 20, after: 8192 },
    entropy: 2,
  }),
  {
    id: "pkcs12-file",
    title: "PKCS #12 file",
    category: "PKCS12",
    severity: "HIGH",
    keywords: [],
    path: String.raw`(?i)(?:^|/)[^/]+\.p(?:12|fx)$`,
  },
  matching({
    id: "curl-auth-header",
    title: "Credentials in a header given to curl",
    category: "curl",
    severity: "MEDIUM",
    keywords: ["curl"],
    pattern: String.raw`(?i)\bcurl\b[^\n]{0,150}?(?:[\r\n]{1,2}[^\n]{0,150}?){0,5}[ \t\n\r](?:-H|--header)(?:=|[ \t]{0,5})["'](?:Authorization:[ \t]{0,5}(?:(?:Basic[ \t]|Bearer[ \t]|(?:Api-)?Token[ \t]))?|(?:X-(?:[a-z]{1,20}-)?)?(?:Api-?)?(?:Key|Token):[ \t]{0,5})(?P<secret>[\w=~@.+/-]{8,})["']`,
    near: { before: 10, after: 3000 },
    entropy: 2.75,
  }),
  matching({
    id: "curl-auth-user",
    title: "Password given to curl",
    category: "curl",
    severity: "MEDIUM",
    keywords: ["curl"],
    pattern: String.raw`\bcurl\b[^\n]{0,150}?(?:[\r\n]{1,2}[^\n]{0,150}?){0,5}[ \t\n\r](?:-u|--user)(?:=|[ \t]{0,5})("(?::[^"\n]{3,100}|[^:"\n]{3,100}:|[^:"\n]{3,100}:[^"\n]{3,100})"|'[^:'\n]{3,100}:[^'\n]{3,100}'|"[^:"\n]{3,100}":"[^"\n]{3,100}"|[\w$@.-]{1,100}:(?:"[^"\n]{3,100}"|'[^'\n]{3,100}'|[\w$\{\}@.-]{1,100}))(?:\s|$)`,
    near: { before: 10, after: 3000 },
    entropy: 2,
    groups: true,
    allowances: [
      {
        patterns: [
          // Variables of shells, templates and workflows, and the output of a command.
          "^[\"']?[^:]*:[\"']?(?:\\$[\\w{(]|\\{\\{|%\\w|<|\\*)",
          "^[\"']?\\$?\\{\\{.*\\}\\}[\"']?$",
          "^[\"']?\\$\\(.*\\)[\"']?$",
          // As manuals write it.
          "(?i):[\"']?(?:pass|passw(?:or)?d|pwd|test|token|secret|x+)[\"']?$",
        ],
      },
    ],
  }),
  matching({
    id: "database-url-password",
    title: "Database URL with a password",
    category: "Database",
    severity: "HIGH",
    keywords: [
      "postgres",
      "mysql",
      "mariadb",
      "mongodb",
      "redis",
      "rediss",
      "amqp",
      "mssql",
      "sqlserver",
      "clickhouse",
      "cockroachdb",
    ],
    pattern: String.raw`(?i)\b(?:postgres(?:ql)?|mysql2?|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse|cockroachdb)(?:\+\w{1,20})?://[^\s:@/'"<>{}$%]{0,64}:(?P<secret>[^\s@/'"<>{}$]{6,128})@[^\s/'"<>{}$]{2,200}`,
    near: { before: 20, after: 500 },
    entropy: 2.5,
  }),
  {
    id: "generic-uuid-key",
    title: "UUID under a name that tells of a key",
    category: "Generic",
    severity: "MEDIUM",
    keywords: ["auth", "api", "access", "secret", "token", "passwd", "password"],
    pattern: String.raw`\b(?:[\w.-]{0,40}[_.-])?${namesOfUuidKeys}(?:[\x60'"]|\\{1,3}["'])?[ \t]{0,4}(?::=|=>|[:=])[ \t]{0,4}(?:[\x60'"]|\\{1,3}["'])?(?P<secret>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(?:[\x60'"\s;,]|\\{1,3}[nr"']|$)`,
    secretGroup: "secret",
    near: { before: 60, after: 260, assignment: true },
    minEntropy: 3,
    generic: true,
    ignorePlaceholders: true,
    allowances: [
      { stopWords: ["12345678", "abcd-1234", "abcd1234", "00000000", "1234-1234", "11111111"] },
      { stopWords: exampleUuids },
    ],
  },
  {
    id: "generic-api-key",
    title: "Value that looks generated, under a name that tells of a secret",
    category: "Generic",
    severity: "MEDIUM",
    keywords: ["access", "api", "auth", "key", "credential", "creds", "passwd", "password", "secret", "token"],
    pattern: String.raw`(?i:(?:access|auth|api|credential|creds|key|passw(?:or)?d|secret|token)[\w .\t-]{0,20}\\{0,2}[\s'"\\]{0,3}[:?|]{0,2}[=:>,|]>?[ \t]{0,2}[\x60'"\\\s=]{0,4})(?P<secret>[\w.=-]{10,120}|(?i:[0-9a-z][0-9a-z+/]{11,}={0,3}))${valueEnd}`,
    secretGroup: "secret",
    near: { before: 60, after: 260, assignment: true },
    minEntropy: 3.5,
    generic: true,
    ignorePlaceholders: true,
    allowances: [
      { patterns: harmlessValues },
      { patterns: [harmlessNames], target: "match" },
      { patterns: publicLines, target: "line" },
      { stopWords },
      // In programs, what is not quoted is an expression; strings may hold settings (`"Password = …;"`), so that the line must be without any.
      {
        condition: "all",
        paths: ["(?i)\\.(?:[ch](?:h|c|pp|xx)?|m|mm|java|cs|kts?|scala|swift|rs|go|php|dart)$"],
        patterns: ["^[^'\"\\x60/#*]*\\s=\\s{1,4}[A-Za-z_]\\w*;\\s*$"],
        target: "line",
      },
      { condition: "all", paths: ["\\.(?:[cm]?[jt]sx?|vue|svelte)$"], patterns: ["[^'\"\\x60]$"], target: "match" },
    ],
  },
];
