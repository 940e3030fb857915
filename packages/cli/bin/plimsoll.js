#!/usr/bin/env node
// In a clone: the published program lies in the package that is named like it.
require("../../plimsoll/bin/plimsoll.js");
