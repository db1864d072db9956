/** Turns of the event loop: what happens in one and the same holds up everything else for as long as it takes. */

/** `now()`: the number of the turn; counts until its scope ends. */
export function countTurns(): Disposable & { now(): number } {
  let turn = 0;
  let next = setImmediate(function goOn() {
    turn += 1;
    next = setImmediate(goOn);
  });
  return { now: () => turn, [Symbol.dispose]: () => clearImmediate(next) };
}
