/** What the server sends over `/socket`; the same shape as in app/web/socket.ts and app/web/info.ts. */
export type ChannelState = 'offline' | 'starting' | 'live' | 'stalled' | 'ended';

export type StreamInfo = {
  state: ChannelState;
  title: string;
  viewers: number;
  uptimeMs?: number;
};

export type ServerFrame = { type: 'info'; info: StreamInfo };
