import type {
  BanRow,
  BanStore,
  InvitationRow,
  InvitationStore,
  PersonRow,
  PersonStore,
} from '../../app/people/store.ts';

/** What the stores of people/ must do, and no more: rows by id, copied in and out. */
function rowsById<Row extends { id: string }>() {
  const rows = new Map<string, Row>();
  return {
    rows,
    all: (): Row[] => [...rows.values()].map(row => ({ ...row })),
    save: (row: Row): void => void rows.set(row.id, { ...row }),
    delete: (ids: readonly string[]): void => {
      for (const id of ids) rows.delete(id);
    },
  };
}

export function banStore(): BanStore {
  return rowsById<BanRow>();
}

export function invitationStore(): InvitationStore {
  return rowsById<InvitationRow>();
}

/** Also tells how often it was written to, and with which limits it was pruned. */
export function personStore() {
  const { rows, all, save } = rowsById<PersonRow>();
  const seen = { writes: 0, prunes: [] as { seenBeforeMs: number; maxRows: number }[] };
  const store: PersonStore = {
    find: id => {
      const row = rows.get(id);
      return row && { ...row };
    },
    staff: () => all().filter(row => row.role !== 'viewer'),
    save: saved => {
      seen.writes += 1;
      for (const row of saved) save(row);
    },
    prune: limit => {
      seen.prunes.push(limit);
      return 0;
    },
  };
  return { store, rows, seen };
}
