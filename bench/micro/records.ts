/** Records as real tunnels leave them: all different, none with anything to complain about. */
import type { RecordEntry } from '#record/entry.ts';
import { fullRecord } from '../../test/fixtures/records.ts';

export const ENTRIES = 1024;

const NOTHING_WRONG: Partial<RecordEntry> = {
  url: undefined,
  reason: undefined,
  error: undefined,
  detail: undefined,
};

export function orderlyRecords(): readonly RecordEntry[] {
  return Array.from({ length: ENTRIES }, (_, index) =>
    fullRecord({
      ...NOTHING_WRONG,
      timeMs: Date.UTC(2026, 10, 23) + index * 3,
      transactionId: `9c7d21e04b5a3f18-${index.toString(36)}`,
      clientPort: 1024 + index,
      bytesToClient: index * 777,
      durationMs: index * 1.2345678,
      connectMs: index * 0.0123,
    }),
  );
}
