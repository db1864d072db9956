import type { Request } from 'express';
import type { Visitor } from '../visitor.ts';
import { fieldsOf, type Typed, textOf } from './form.ts';

type Params = Readonly<Record<string, string | number>>;

/** What of a page's address says which part of it is shown: it stays so after a form. */
const lasting = ['hours', 'q', 'before'] as const;

/** What the desk's templates build their links and forms with. `page`: the path of the one that is shown. */
export function helpers(shown: {
  request: Request;
  visitor: Visitor;
  page: string;
  typed?: Typed | undefined;
}) {
  const { request, visitor, page, typed } = shown;
  const asked = fieldsOf(request);
  const stays = Object.fromEntries(
    lasting.map(name => [name, textOf(asked, name)] as const).filter(([, value]) => value !== ''),
  );
  const href = (path: string, params: Params = {}): string => {
    const search = new URLSearchParams(visitor.query);
    for (const [name, value] of Object.entries(params)) search.set(name, String(value));
    const address = path === '' ? '/broadcaster' : `/broadcaster/${path}`;
    return search.size === 0 ? address : `${address}?${search}`;
  };
  return {
    query: visitor.query,
    csrf: visitor.csrf,
    href,
    /** Where the page's forms go; with a command, the address of a button that gives just that one. */
    to: (params: Params = {}): string => href(page, { ...stays, ...params }),
    /** The address as others can open it. */
    whole: (path: string): string => `http://${request.headers.host ?? ''}${path}`,
    /** What was typed into a form that comes back, or else how it stands. */
    was: (form: string, field: string, otherwise = ''): string =>
      typed?.form === form ? textOf(typed.fields, field) : otherwise,
    /** Whether a checkbox of a form that comes back was ticked. */
    ticked: (form: string, field: string, value: string): boolean =>
      typed?.form === form && [typed.fields[field] ?? []].flat().includes(value),
  };
}
