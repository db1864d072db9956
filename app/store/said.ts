import { type Columns, nullable, number, oneOf, text } from './columns.ts';
import { roles, type SaidRow, tripcodeKinds } from './rows.ts';

/** The columns that messages and held messages share. */
export const saidColumns = [
  'atMs',
  'personId',
  'tag',
  'name',
  'colour',
  'role',
  'tripcode',
  'tripcodeKind',
  'tripcodeForeground',
  'tripcodeBackground',
  'text',
  'replyTo',
  'nonce',
] as const satisfies readonly (keyof SaidRow)[];

export function saidRow(row: Columns): SaidRow {
  return {
    atMs: number(row, 'atMs'),
    personId: text(row, 'personId'),
    tag: text(row, 'tag'),
    name: nullable(text, row, 'name'),
    colour: text(row, 'colour'),
    role: oneOf(roles)(row, 'role'),
    tripcode: nullable(text, row, 'tripcode'),
    tripcodeKind: nullable(oneOf(tripcodeKinds), row, 'tripcodeKind'),
    tripcodeForeground: nullable(text, row, 'tripcodeForeground'),
    tripcodeBackground: nullable(text, row, 'tripcodeBackground'),
    text: text(row, 'text'),
    replyTo: nullable(number, row, 'replyTo'),
    nonce: nullable(text, row, 'nonce'),
  };
}
