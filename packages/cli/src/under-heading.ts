import { Help } from "commander";
import type { Command, Option } from "commander";

/** The options that `add` adds to a command stand in its help under a heading of their own. */
export function underHeading(command: Command, heading: string, add: () => unknown): void {
  const outside = command.optionsGroup();
  command.optionsGroup(heading);
  add();
  command.optionsGroup(outside);
}

/** What commander heads options with that have no heading of their own. */
const ownHeading = "Options:";

/** A command's own options come before those that it shares with others, whatever order they were added in. */
export function ownOptionsFirst<T extends Command | Option>(
  items: T[],
  visible: T[],
  headingOf: (item: T) => string,
): Map<string, T[]> {
  const groups = new Help().groupItems(items, visible, headingOf);
  const own = groups.get(ownHeading);
  return own === undefined ? groups : new Map([[ownHeading, own], ...groups]);
}
