import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/** Applications that come with Erlang/OTP (https://www.erlang.org/doc/applications) or Elixir, in their own versions. */
const ofTheLanguages: ReadonlySet<string> = new Set(
  "asn1 common_test compiler cosEvent cosEventDomain cosFileTransfer cosNotification cosProperty cosTime cosTransactions crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit ftp gs hipe ic inets jinterface kernel megaco mnesia observer odbc orber os_mon ose otp_mibs parsetools percept public_key reltool runtime_tools sasl snmp ssh ssl stdlib syntax_tools test_server tftp tools typer webtool wx xmerl eex elixir ex_unit iex logger mix".split(
    " ",
  ),
);

/**
 * `ebin/*.app` of an installed application (https://www.erlang.org/doc/apps/kernel/app.html), as releases of Erlang and
 * Elixir are made of. Its name is nearly always that of the package on hex.pm; those of the languages themselves carry
 * the fact `kind`.
 */
export const hexApplications: FileAnalyzer = {
  kind: "file",
  id: "hex/applications",
  revision: 1,
  matches: [{ suffix: ".app" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file) {
    if (!/(?:^|\/)ebin\/[^/]+\.app$/.test(file.path)) return;
    const text = withoutComments(await file.text());
    const [, name] = /\{\s*application\s*,\s*'?([A-Za-z][\w@.]*)'?\s*,/.exec(text) ?? [];
    const [, version] = /\{\s*vsn\s*,\s*"([^"\n]{1,200})"\s*\}/.exec(text) ?? [];
    if (name === undefined || version === undefined)
      return yield malformedFile(file, name === undefined ? "names no application" : "states no version as text");
    const [, list = ""] = /\{\s*applications\s*,\s*\[([^\]{]{0,20000})\]/.exec(text) ?? [];
    const dependsOn = [...list.matchAll(/[a-z][\w@]*/g)].map(([need]) => need);
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(dependsOn.length === 0 ? {} : { dependsOn: [...new Set(dependsOn)] }),
        facts: { kind: ofTheLanguages.has(name) ? "otp" : "application" },
      },
    };
  },
};

/** From `%` to the end of the line, outside of quotes. */
function withoutComments(text: string): string {
  return text
    .split("\n")
    .map((line) => (line.includes("%") ? line.replace(/^((?:[^"'%]|"(?:[^"\\]|\\.)*"|'[^']*')*)%.*$/, "$1") : line))
    .join("\n");
}
