// What only databases of other tools and services need. Most scans open none, so this is loaded when one is.
export { convertGrypeDatabase, openTrivyStore, osvOnline } from "@plimsoll/advisories";
