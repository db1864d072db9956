/** video.js's HLS engine: adds itself to video.js. */
declare module '@videojs/http-streaming';

/** The part of video.js 8 that we use: its own types are made from comments and miss the source handlers. */
declare module 'video.js' {
  export type Component = { el(): HTMLElement };

  export type Tech = { el(): HTMLVideoElement; setSrc(src: string): void };

  export type Source = { src: string; type: string };

  export type SourceHandler = {
    canPlayType(type: string): '' | 'maybe' | 'probably';
    canHandleSource(source: Source): '' | 'maybe' | 'probably';
    handleSource(source: Source, tech: Tech): { dispose(): void };
  };

  export type VideoJsPlayer = {
    readonly controlBar: Component;
    el(): HTMLElement;
    src(source: Source): void;
    play(): Promise<void> | undefined;
    pause(): void;
    paused(): boolean;
    seeking(): boolean;
    /** What can be played of a live stream: its end is as near to the live edge as the playlist allows. */
    seekable(): TimeRanges;
    currentTime(): number;
    currentTime(seconds: number): void;
    bufferedEnd(): number;
    readyState(): number;
    playbackRate(rate: number): void;
    userActive(active: boolean): void;
    muted(muted: boolean): void;
    muted(): boolean;
    error(): { code: number } | null;
    on(event: string, listener: () => void): void;
  };

  type VideoJs = {
    (element: HTMLVideoElement, options: Readonly<Record<string, unknown>>): VideoJsPlayer;
    getTech(name: 'Html5'): { registerSourceHandler(handler: SourceHandler, index: number): void };
  };

  const videojs: VideoJs;
  export default videojs;
}
