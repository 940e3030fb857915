// Package URLs live with the other text formats, so that reports and policies can read them too.
export { formatPurl } from "@plimsoll/formats";
export type { PurlParts } from "@plimsoll/formats";
