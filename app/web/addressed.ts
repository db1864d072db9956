/** `path` with the visitor's own `query` (`?t=…` or empty) and further parameters; those that are undefined stay away. */
export function addressed(
  path: string,
  { query, ...more }: { query: string } & Readonly<Record<string, string | undefined>>,
): string {
  const search = new URLSearchParams(query);
  for (const [name, value] of Object.entries(more)) if (value !== undefined) search.set(name, value);
  return search.size === 0 ? path : `${path}?${search}`;
}
