/**
 * Read before each test file (`node --import`): a file whose tests are over but whose process goes on has left
 * something open. It fails, saying what, instead of holding up all others. One that has left nothing open is over at
 * once: Node's own clean-up of handles, which comes next, may go round for ever (nodejs/node#47748).
 */
import { after } from 'node:test';

const graceMs = 5_000;

// The runner's own process reads this too; only the files' processes have this variable.
if (process.env.NODE_TEST_CONTEXT) {
  after(() => {
    process.on('exit', () => process.exit());
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().filter(name => name !== 'Timeout');
      process.stderr.write(`This file's process goes on after its tests, with open: ${open.join(', ')}\n`);
      process.exit(1);
    }, graceMs).unref();
  });
}
