import { nullable, number, oneOf, type Shape, text } from './columns.ts';
import { roles, type SaidRow, tripcodeKinds } from './rows.ts';

/** What messages and held messages share. */
export const said: Shape<SaidRow> = {
  atMs: number,
  personId: text,
  tag: text,
  name: nullable(text),
  colour: text,
  role: oneOf(roles),
  tripcode: nullable(text),
  tripcodeKind: nullable(oneOf(tripcodeKinds)),
  tripcodeForeground: nullable(text),
  tripcodeBackground: nullable(text),
  text,
  replyTo: nullable(number),
  nonce: nullable(text),
};
