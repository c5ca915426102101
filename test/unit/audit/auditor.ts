import t from 'tap';
import { TrailAuditor } from '#audit/auditor.ts';
import type { Body } from '#audit/canonical.ts';
import type { RecordEntry } from '#record/entry.ts';
import { fullRecord } from '../../fixtures/records.ts';

class FakeTrail {
  readonly bodies: Body[] = [];
  isFailing = false;
  writing: Promise<void> = Promise.resolve();

  hasRoom = true;

  append(body: Body): boolean {
    this.bodies.push(body);
    return this.hasRoom;
  }

  written(): Promise<void> {
    return this.writing;
  }
}

t.test('what is permitted is put on the trail, and not waited for', async (t) => {
  const trail = new FakeTrail();
  trail.isFailing = true;
  const auditor = new TrailAuditor(trail, false);
  t.equal(auditor.permit(fullRecord()), undefined);
  t.equal(trail.bodies.length, 1);
  t.equal(auditor.isBlocking, false);
});

t.test('where it is strict it is waited for, and nothing passes while that fails', async (t) => {
  const trail = new FakeTrail();
  const auditor = new TrailAuditor(trail, true);
  t.equal(await auditor.permit(fullRecord()), undefined);
  trail.writing = Promise.reject(new Error('disk full'));
  await t.rejects(auditor.permit(fullRecord()) as Promise<void>, {
    reason: 'audit_unavailable',
    message: /disk full$/,
  });
  trail.writing = Promise.reject('odd');
  await t.rejects(auditor.permit(fullRecord()) as Promise<void>, {
    message: 'The audit trail cannot be written',
  });
  trail.isFailing = true;
  t.equal(auditor.isBlocking, true);
  t.throws(() => auditor.permit(fullRecord()), /cannot be written/);
  t.equal(trail.bodies.length, 3, 'what is refused at once is no permit');
  trail.isFailing = false;
  trail.hasRoom = false;
  t.throws(() => auditor.permit(fullRecord()), /no room/);
});

t.test('records go on, and refusals are put on the trail before', async (t) => {
  const trail = new FakeTrail();
  const seen: RecordEntry[] = [];
  const recorder = new TrailAuditor(trail, true).before({ record: (entry) => seen.push(entry) });
  recorder.record(fullRecord({ outcome: 'completed' }));
  recorder.record(fullRecord({ outcome: 'denied' }));
  t.equal(seen.length, 2);
  t.equal(trail.bodies.length, 1);
});
