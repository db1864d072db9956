/**
 * The server of bench/raid in a process of its own: that of scripts/start, but every captcha also takes one answer that
 * the bench knows, and the onion's socket is there without a tor. Its first line on stdout tells where it is.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../app/config.ts';
import { startServer } from '../../app/server.ts';
import { makeSolvable } from '../../tests/kit/captcha.ts';

const [home = ''] = process.argv.slice(2);
const streamsDir = join(home, 'streams');
await mkdir(join(streamsDir, 'live'), { recursive: true });
const places = { dataDir: join(home, 'data'), streamsDir, titlePath: join(home, 'title.txt'), withTor: true };
const config = parseConfig({ web: { port: 0 }, tor: { systemSocket: join(home, 'onion.sock') } });
const server = await startServer(config, places);
makeSolvable(server.community);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
const { url, socket, controlSocket, broadcaster } = server;
process.stdout.write(`${JSON.stringify({ url, socket, controlSocket, broadcaster })}\n`);
