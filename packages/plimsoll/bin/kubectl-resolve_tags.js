#!/usr/bin/env node
// kubectl finds plugins by the names of programs: this one answers to `kubectl resolve-tags`.
process.argv.splice(2, 0, "resolve-tags");
require("../dist/program/main.js");
