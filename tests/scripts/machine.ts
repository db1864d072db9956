/**
 * A made-up machine for the set-up: a folder of its own as the only PATH, in it the few system commands that the set-up
 * may count on and whatever programs a test adds; and a project of nothing but the set-up, in a folder with spaces.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { access, chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { projectDir } from '../kit/project-copy.ts';

const systemCommands = 'bash cat chmod cmp cp dirname flock id mkdir readlink rm sh sleep uname'.split(' ');

export type Ran = { exitCode: number | null; stdout: string; said: string };

export class Machine {
  readonly dir: string;
  readonly bin: string;
  readonly project: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.bin = join(dir, 'bin');
    this.project = join(dir, 'the project');
  }

  static async make(t: TestContext): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), 'set-up-')));
    t.after(() => rm(machine.dir, { recursive: true, force: true }));
    await mkdir(machine.bin);
    for (const name of systemCommands) await symlink(await whereIs(name), join(machine.bin, name));
    await mkdir(join(machine.project, 'scripts'), { recursive: true });
    await cp(join(projectDir, 'scripts/setup.sh'), join(machine.project, 'scripts/setup.sh'));
    await machine.write('package-lock.json', '{"packages":{}}');
    return machine;
  }

  /** Writes a file of the project. */
  async write(name: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.project, name)), { recursive: true });
    await writeFile(join(this.project, name), content);
  }

  /** Adds a program that notes its name and arguments, then does what `body` says in sh. */
  async add(name: string, body = ''): Promise<void> {
    const path = join(this.bin, name);
    // A system command is a link: writing must not go through it.
    await rm(path, { force: true });
    await writeFile(path, `#!/bin/sh\necho "${name} $*" >>'${this.dir}/calls'\n${body}\n`);
    await chmod(path, 0o755);
  }

  /** What the added programs were called with, in order. */
  async calls(): Promise<string[]> {
    const calls = await readFile(join(this.dir, 'calls'), 'utf8').catch(() => '');
    return calls.split('\n').filter(Boolean);
  }

  /** Reads the set-up in bash and runs `code`; without a terminal. */
  async run(code: string): Promise<Ran> {
    // Detached: a session of its own has no terminal to ask at.
    const child = spawn('bash', [await this.#file(code)], { ...this.#options, detached: true });
    const [stdout, said, exitCode] = await output(child);
    return { exitCode, stdout, said };
  }

  /** As run, at a terminal where `typed` is typed. */
  async runAtTerminal(code: string, typed: string): Promise<Ran> {
    const script = await whereIs('script');
    const command = `bash '${await this.#file(code)}'`;
    const args = ['--quiet', '--return', '--echo', 'never', '--command', command, '/dev/null'];
    const child = spawn(script, args, { ...this.#options, detached: true });
    child.stdin?.end(typed);
    const [stdout, , exitCode] = await output(child);
    return { exitCode, stdout, said: stdout.replaceAll('\r', '') };
  }

  get #options() {
    return { env: { PATH: this.bin, HOME: this.dir }, stdio: 'pipe', timeout: 20_000 } as const;
  }

  async #file(code: string): Promise<string> {
    const file = join(this.dir, 'run.sh');
    // The machine that runs the tests may have a tor in one of the usual folders.
    await writeFile(file, `. '${this.project}/scripts/setup.sh'\nhas_tor() { have tor; }\n${code}\n`);
    return file;
  }
}

async function output(child: ChildProcess): Promise<[string, string, number | null]> {
  if (!child.stdout || !child.stderr) throw new Error('the child was started without pipes');
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  return Promise.all([text(child.stdout), text(child.stderr), ended]);
}

async function whereIs(name: string): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const path = join(folder, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Error(`${name} is not on this machine`);
}
