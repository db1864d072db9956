/** What serves the viewers: our server as scripts/start runs it, or nginx with a file of as many bytes, as the limit. */
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { startEncoder } from '../../tests/kit/encoder.ts';
import { freePorts } from '../../tests/kit/tor/free-ports.ts';
import { until } from '../../tests/kit/until.ts';
import { startChild } from '../latency/child.ts';

export type Rival = {
  name: string;
  url: string;
  /** The process that serves. */
  pid: number;
  close(): Promise<void>;
};

export type Load = { kbps: number; seconds: number; maxViewers: number };

const root = resolve(import.meta.dirname, '../..');
const audioKbps = 64;

export async function startOurs(home: string, { kbps, maxViewers }: Load): Promise<Rival> {
  const streamsDir = join(home, 'streams');
  const configPath = join(home, 'config.json');
  await mkdir(streamsDir, { recursive: true });
  const config = { web: { port: 0 }, delivery: { maxViews: maxViewers } };
  await writeFile(configPath, JSON.stringify(config));
  const rate = `${kbps - audioKbps}k`;
  const rates = ['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate];
  // Filled up, so that it has the rate asked for.
  const extra = [...rates, '-x264-params', 'repeat-headers=1:threads=1:scenecut=0:nal-hrd=cbr'];
  const encoder = await startEncoder(join(streamsDir, 'live'), { size: '640x360', extra, announced: true });
  const args = ['--config', configPath, '--no-tor', '--json'];
  const dirs = ['--data', join(home, 'data'), '--streams', streamsDir];
  const child = startChild(join(root, 'scripts/start'), [...args, ...dirs], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const close = async (): Promise<void> => {
    await child.stop();
    await encoder.close();
  };
  const { stdout, pid } = child.process;
  if (!stdout || pid === undefined) throw new Error('The server has no output.');
  for await (const line of createInterface({ input: stdout })) {
    stdout.resume();
    await encoder.listed(10);
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
    return { name: 'onioncast', pid, url: new URL('stream.mp4', url).href, close };
  }
  throw new Error(`The server did not start: ${child.lastWords()}`);
}

/** Undefined where there is no nginx. */
export async function startNginx(
  home: string,
  { kbps, seconds, maxViewers }: Load,
): Promise<Rival | undefined> {
  const dir = join(home, 'nginx');
  await mkdir(dir, { recursive: true });
  const [port] = await freePorts();
  const bytesPerSecond = (kbps * 1000) / 8;
  const file = await open(join(dir, 'stream.mp4'), 'w');
  await file.truncate(bytesPerSecond * (seconds + 60));
  await file.close();
  await writeFile(
    join(dir, 'nginx.conf'),
    `daemon off; user root; worker_processes 1; pid ${dir}/pid; error_log stderr;
worker_rlimit_nofile ${maxViewers * 2 + 100};
events { worker_connections ${maxViewers * 2 + 100}; }
http {
  access_log off; sendfile on; tcp_nodelay on;
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
  server { listen 127.0.0.1:${port}; root ${dir}; limit_rate ${bytesPerSecond}; }
}
`,
  );
  const child = startChild('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { pid } = child.process;
  if (pid === undefined) return undefined;
  const url = `http://127.0.0.1:${port}/stream.mp4`;
  await until(
    'nginx to answer',
    async () => (await fetch(url, { method: 'HEAD' }).catch(() => undefined))?.ok ?? false,
  );
  return { name: 'nginx', pid: await workerOf(pid), url, close: () => child.stop() };
}

/** The child that does the work: proc(5) tells who is whose parent. */
async function workerOf(masterPid: number): Promise<number> {
  for (const entry of await readdir('/proc')) {
    const status = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '') : '';
    if (Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) === masterPid) return Number(entry);
  }
  return masterPid;
}
