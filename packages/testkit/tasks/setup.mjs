// `npm run setup`: install and build, nothing else.
import { build, install } from "./steps.mjs";

process.exitCode = install() || build();
