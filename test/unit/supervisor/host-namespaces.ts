import t from 'tap';
import { NamespaceDirectory, type NamespaceNews } from '#pods/namespace-directory.ts';
import { HostNamespaces } from '#supervisor/host-namespaces.ts';

const CONTACT: NamespaceNews = { isAll: false, changes: [], ageMs: 0 };
const LIST: NamespaceNews = { isAll: true, changes: [], ageMs: 0 };
const CHANGE: NamespaceNews = {
  isAll: false,
  changes: [{ name: 'api', labels: [], hasAllLabels: true }],
  ageMs: 0,
};

for (const ageMs of [0, 3_600_000]) {
  t.test(`HostNamespaces tells a contact once in ten seconds, in a process of ${ageMs} ms`, async (t) => {
    const directory = new NamespaceDirectory();
    const told: NamespaceNews[] = [];
    let nowMs = ageMs;
    const namespaces = new HostNamespaces(
      directory,
      (news) => told.push(news),
      () => nowMs,
    );
    namespaces.hear(CONTACT);
    t.same(told, [], 'and none before the first list');
    namespaces.hear(LIST);
    nowMs += 9_999;
    namespaces.hear(CONTACT);
    t.same(told, [LIST]);
    nowMs += 1;
    for (let at = 0; at < 3; at += 1) namespaces.hear(CONTACT);
    t.same(told, [LIST, CONTACT]);
    namespaces.hear(CHANGE);
    nowMs += 9_999;
    namespaces.hear(CONTACT);
    t.same(told, [LIST, CONTACT, CHANGE], 'any news is a contact');
    directory.clear();
    nowMs += 10_000;
    namespaces.hear(CONTACT);
    t.equal(told.length, 3, 'nor where all of it was forgotten');
  });
}
