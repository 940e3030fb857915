/**
 * Property tests make the same inputs in each run, so that a change that is green here is green everywhere; `npm run steady` gives each of
 * its runs other ones by PLIMSOLL_TEST_SEED.
 */

import fc from "fast-check";

const seed = Number(process.env["PLIMSOLL_TEST_SEED"] ?? 1);
if (!Number.isInteger(seed)) throw new TypeError("PLIMSOLL_TEST_SEED must be a whole number");
fc.configureGlobal({ seed });
