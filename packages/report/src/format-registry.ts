/**
 * The formats there are, one line a folder.
 * @module
 */
export { formats as cosignVuln } from "./cosign-vuln/index.ts";
export { formats as csv } from "./csv/index.ts";
export { formats as cyclonedx } from "./cyclonedx/index.ts";
export { formats as github } from "./github/index.ts";
export { formats as githubAnnotations } from "./github-annotations/index.ts";
export { formats as gitlab } from "./gitlab/index.ts";
export { formats as gitlabSecrets } from "./gitlab-secrets/index.ts";
export { formats as html } from "./html/index.ts";
export { formats as json } from "./json/index.ts";
export { formats as junit } from "./junit/index.ts";
export { formats as markdown } from "./markdown/index.ts";
export { formats as notices } from "./notices/index.ts";
export { formats as openvex } from "./openvex/index.ts";
export { formats as sarif } from "./sarif/index.ts";
export { formats as spdx } from "./spdx/index.ts";
export { formats as spdx3 } from "./spdx3/index.ts";
export { formats as table } from "./table/index.ts";
export { formats as template } from "./template/index.ts";
