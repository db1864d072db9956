import type { Tripcode } from './tripcode.ts';

export type Role = 'viewer' | 'moderator' | 'broadcaster';

/** watching: a video is open; chatting: a chat frame or socket is open, or seen a moment ago; else gone. */
export type Presence = 'watching' | 'chatting' | 'gone';

/** One visitor as of now. Never changed in place: every change makes a new one, published by `People`. */
export type Person = Readonly<{
  /** 16 hex digits, public: shown in markup and to moderators. Never the session token. */
  id: string;
  /** Short and made from the id (`#k3f9`), so that two people of one name are told apart. */
  tag: string;
  /** The name they chose; undefined is shown as the default name of the config. */
  name: string | undefined;
  /** `#rrggbb`, readable on the page's background. */
  colour: string;
  /** Whether they chose the colour; else it was made from the id. */
  ownColour: boolean;
  tripcode: Tripcode | undefined;
  role: Role;
  /** Since when they are a member by themselves, whatever tripcode they have. */
  memberSinceMs: number | undefined;
  /** Whether they are one for as long as they have the tripcode that they have now. Never stored. */
  hasMembersTripcode: boolean;
  /** When they last solved a captcha. */
  captchaPassedAtMs: number | undefined;
  /** When they wrote their first message. */
  wroteAtMs: number | undefined;
  createdAtMs: number;
  seenAtMs: number;
}>;

/** What `People.changes` tells: `changed` carries the person as they are now. */
export type PeopleEvent =
  | { type: 'changed'; person: Person }
  | { type: 'presence'; person: Person; presence: Presence };
