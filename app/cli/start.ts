/** `scripts/start`: the server and its onion service, until a signal comes. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, loadConfig } from '../config.ts';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import { BroadcasterFile } from '../moderation/broadcaster-file.ts';
import { assertPassword, Passwords } from '../moderation/password.ts';
import { projectDir, type RunningServer, startServer } from '../server.ts';
import { endBundler } from '../web/assets.ts';
import './exit.ts';
import { endStreamMessage, stopWhenParentGone, tellParent } from './parent.ts';
import { askPassword } from './password.ts';

const help = `Usage: scripts/start [flags]

Serves the watch page, the stream and the chat; with tor present, as an onion service too.

  --config F    the configuration file (default: config.json of the project)
  --port N      the port on this machine; 0 takes a free one (default: web.port of the configuration)
  --data DIR    keys, secrets and what is kept (default: data/ of the project)
  --streams DIR where broadcasters write their channel folders (default: stream/ of the project)
  --no-tor      no onion address: serve this machine only
  --set-password asks for the broadcaster's new password, or reads it from stdin, and ends
  --json        the first line on stdout is {"url","onion","socket","broadcaster"}, once it can serve
  --help, -h    this text
`;

const options = {
  config: { type: 'string' },
  port: { type: 'string' },
  data: { type: 'string' },
  streams: { type: 'string' },
  'no-tor': { type: 'boolean' },
  'set-password': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Flags = ReturnType<typeof parseFlags>;

function parseFlags() {
  return parseArgs({ args: process.argv.slice(2), options, strict: true, allowPositionals: false }).values;
}

function withPort(config: Config, port: string | undefined): Config {
  if (port === undefined) return config;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Failure('flag-invalid', `--port ${port} is no port: give a number from 0 to 65535.`);
  }
  return { ...config, web: { ...config.web, port: Number(port) } };
}

function announce(flags: Flags, server: RunningServer): void {
  const { url, onion, socket, broadcaster } = server;
  if (flags.json) process.stdout.write(`${JSON.stringify({ url, onion, socket, broadcaster })}\n`);
  else {
    if (onion) process.stdout.write(`Viewers, in Tor Browser: http://${onion}/\n`);
    process.stdout.write(`On this machine:         ${url}\n`);
    process.stdout.write(`Broadcaster's page:      ${new URL('/broadcaster', url).href}\n`);
    const { username, password } = broadcaster;
    process.stdout.write(
      password === null
        ? `  user name ${username}; scripts/start --set-password sets a new password.\n`
        : `  user name ${username}, password ${password} (shown only now: keep it)\n`,
    );
    process.stdout.write('Ctrl-C stops the server.\n');
  }
}

/** Log-ins with the old password end at once, also where a server runs. */
async function setPassword(flags: Flags): Promise<void> {
  const dataDir = resolve(flags.data ?? resolve(projectDir, 'data'));
  const password = await askPassword('The new password of the broadcaster: ');
  assertPassword(password);
  await BroadcasterFile.write(dataDir, password, { passwords: new Passwords(), now: Date.now });
  process.stdout.write('The broadcaster has a new password.\n');
}

async function start(flags: Flags): Promise<void> {
  const configPath = resolve(flags.config ?? resolve(projectDir, 'config.json'));
  const readConfig = async () => withPort(await loadConfig(configPath), flags.port);
  const places = {
    dataDir: resolve(flags.data ?? resolve(projectDir, 'data')),
    streamsDir: resolve(flags.streams ?? resolve(projectDir, 'stream')),
    // Beside the configuration, so that two servers with two configurations have two titles.
    titlePath: resolve(configPath, '..', 'title.txt'),
    withTor: !flags['no-tor'],
  };
  const onEndStream = () => tellParent(endStreamMessage);
  const server = await startServer(await readConfig(), places, { readConfig, onEndStream });
  await endBundler();
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => stopped.resolve());
  stopWhenParentGone(stopped.resolve);
  // Only now: whoever reads it may stop us at once.
  announce(flags, server);
  await stopped.promise;
  await server.close();
}

try {
  const flags = parseFlags();
  if (flags.help) process.stdout.write(help);
  else if (flags['set-password']) await setPassword(flags);
  else await start(flags);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  const wrongFlag = codeOf(error)?.startsWith('ERR_PARSE_ARGS') || codeOf(error) === 'flag-invalid';
  if (wrongFlag) process.stderr.write('scripts/start --help tells the flags.\n');
  process.exitCode = wrongFlag ? 2 : 1;
}
