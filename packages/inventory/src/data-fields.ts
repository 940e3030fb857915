/** `{ [key]: value }` to spread into data, or nothing when there is no value: absent is not undefined. */
export function single<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V }); // a computed key widens to string
}
