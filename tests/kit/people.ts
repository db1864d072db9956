import { type PeopleConfig, peopleConfig } from '../../app/people/config.ts';
import { People } from '../../app/people/people.ts';
import type { PeopleEvent } from '../../app/people/person.ts';
import { Tripcodes } from '../../app/people/tripcode.ts';
import { personStore } from './people-stores.ts';

/** A clock that stands still until it is told. */
export function clock(startMs = Date.UTC(2030, 0, 1)) {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
}

/** `People` on stores in memory and a clock of their own; `events` collects what is published. */
export function peopleForTest(config: Partial<PeopleConfig> = {}, stored = personStore(), time = clock()) {
  const tripcodes = new Tripcodes({ key: Buffer.alloc(32, 2) }, { classic: true });
  const dependencies = { key: Buffer.alloc(32, 1), store: stored.store, tripcodes, now: time.now };
  const people = new People(dependencies, { ...peopleConfig.parse({}), ...config });
  const events: PeopleEvent[] = [];
  people.changes.subscribe(event => events.push(event));
  return { people, events, stored, time };
}
