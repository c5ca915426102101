import t from 'tap';
import { OutputGate } from '#supervisor/output-gate.ts';

t.test('OutputGate leads lines to whoever takes them', async (t) => {
  const written: string[] = [];
  const gate = new OutputGate(async (fd, bytes, offset) => {
    written.push(`${fd} ${bytes.subarray(offset)}`);
    return bytes.length - offset;
  });
  const bytes = Buffer.from('one\ntwo\n');
  t.equal(await gate.write(1, bytes, 0), 8);
  gate.hold();
  await t.rejects(gate.write(1, bytes, 0), { code: 'EAGAIN' });
  const sent: string[] = [];
  gate.sendBy(async (text) => void sent.push(text));
  t.equal(await gate.write(1, bytes, 4), 4);
  t.same([written, sent], [['1 one\ntwo\n'], ['two\n']]);
});
