/** What goes over `/socket`, both ways: the same shapes as in app/web/wire.ts and app/web/info.ts. */
export type ChannelState = 'offline' | 'starting' | 'live' | 'stalled' | 'ended';

export type StreamInfo = {
  state: ChannelState;
  title: string;
  viewers: number;
  /** Milliseconds since the stream started; absent while it is not on. */
  uptimeMs?: number;
  pinned: string;
};

export type Author = {
  id: string;
  role: 'viewer' | 'moderator' | 'broadcaster';
  tag: string;
  colour: string;
  name?: string;
  tripcode?: { text: string; foreground: string; background: string };
};

/** `text` is always the source: the pieces' texts joined are the message. */
export type Piece =
  | { type: 'text' | 'break' | 'quote'; text: string }
  | { type: 'link'; text: string; href: string }
  | { type: 'mention'; text: string; name: string; tag?: string }
  | { type: 'reply'; text: string; number: number }
  | { type: 'emote'; text: string; name: string; src?: string };

export type Message = {
  number: number;
  kind: 'said' | 'notice';
  atMs: number;
  author: Author;
  replyTo?: number;
  pieces: Piece[];
  /** Only staff is sent such a message. */
  hidden?: true;
};

export type Change =
  | { type: 'message'; message: Message }
  /** `veiled`: those that staff, and nobody else, still sees. */
  | { type: 'hide'; numbers: number[]; veiled?: number[] }
  | { type: 'unhide'; messages: Message[] }
  | { type: 'clear'; through: number };

/** `more`: how many there are beside those in the lists. */
export type People = {
  watching: Author[];
  chatting: Author[];
  more: { watching: number; chatting: number };
};

export type Settings = {
  defaultName: string;
  /** Characters of a message, as a person counts them. */
  maxLength: number;
  clickableLinks: boolean;
  spokenCaptchas: boolean;
};

export type Answer = {
  type: 'answer';
  nonce: string;
  ok: boolean;
  sentence?: string;
  captchaId?: string;
  retryInMs?: number;
};

/** What staff may do by one press. */
export type Act = { id: string; label: string; about: 'messages' | 'people'; isGrave?: true };

/** `undo`: what to give back to have it as it was. */
export type Acted = { type: 'acted'; nonce: string; ok: boolean; sentence: string; undo: number[] };

export type ServerFrame =
  /** First after connecting. */
  | { type: 'welcome'; settings: Settings; you: Author }
  | { type: 'snapshot'; cursor: string; messages: Message[] }
  | { type: 'change'; cursor: string; change: Change }
  | { type: 'info'; info: StreamInfo }
  | { type: 'people'; people: People }
  | { type: 'you'; you: Author }
  | { type: 'captcha'; captchaId: string }
  | { type: 'alive' }
  /** To staff: after the welcome, or once they have become it; whether they still are `you` tells. */
  | { type: 'staff'; acts: Act[]; style: string }
  | Acted
  | Answer;

export type CaptchaAnswer = { id: string; answer: string };

export type ClientFrame =
  | { type: 'say'; nonce: string; text: string; replyTo?: number; captcha?: CaptchaAnswer }
  | { type: 'captcha' }
  | { type: 'act'; nonce: string; act: string; numbers: number[]; personIds: string[] }
  | { type: 'undo'; nonce: string; ids: number[] };
