/** So many pieces of work are begun together: enough to stay with one step of them for a while, and no more results than one would hold. */
const mostTogether = 100;

/** Work in progress. */
interface Running<Item, Result> {
  readonly item: Item;
  readonly work: Iterator<unknown, Result, void>;
  result: { readonly value: Result } | { readonly error: unknown } | undefined;
}

/**
 * Does the same work for many items, step by step: each gets one step done before any gets the next. What a step needs is then at hand for all of
 * them, where one item after the other would go through all that all steps need. The results come in the order of the items.
 * @param of.begin Begins the work, which yields between its steps.
 * @param of.kind Items of one kind have the same steps.
 * @throws what the work for an item throws, and what `items` throws, once the results before it were given.
 */
export function* inStep<Item, Result>(
  items: Iterable<Item>,
  of: { readonly begin: (item: Item) => Iterator<unknown, Result, void>; readonly kind: (item: Item) => string },
): Generator<readonly [Item, Result], void, void> {
  const source = items[Symbol.iterator]();
  let isOver = false;
  try {
    for (;;) {
      const batch: Running<Item, Result>[] = [];
      let failure: { readonly error: unknown } | undefined;
      try {
        while (!isOver && batch.length < mostTogether) {
          const next = source.next();
          if (next.done === true) isOver = true;
          else batch.push({ item: next.value, work: of.begin(next.value), result: undefined });
        }
      } catch (error) {
        failure = { error };
      }
      for (const alike of byKind(batch, of.kind)) runInStep(alike);
      for (const { item, result } of batch) {
        if (result === undefined) continue;
        if ("error" in result) throw result.error;
        yield [item, result.value];
      }
      if (failure !== undefined) throw failure.error;
      if (isOver) return;
    }
  } finally {
    // Whoever takes no more results lets go of the items, too.
    if (!isOver) source.return?.();
  }
}

function byKind<Item, Result>(
  batch: readonly Running<Item, Result>[],
  kind: (item: Item) => string,
): Iterable<readonly Running<Item, Result>[]> {
  const groups = new Map<string, Running<Item, Result>[]>();
  for (const each of batch) {
    const name = kind(each.item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [each]);
    else group.push(each);
  }
  return groups.values();
}

function runInStep<Item, Result>(all: readonly Running<Item, Result>[]): void {
  let open = all;
  while (open.length > 0) {
    for (const each of open) {
      try {
        const { done, value } = each.work.next();
        if (done === true) each.result = { value };
      } catch (error) {
        each.result = { error };
      }
    }
    open = open.filter(({ result }) => result === undefined);
  }
}
