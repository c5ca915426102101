/** Chains whose tiers are far apart can be measured, with TLS too, and none is faster than its round trips allow. */
import t from 'tap';
import { runPlan } from '../../../../bench/harness/run-plan.ts';
import { squidTlsTwoTier } from '../../../../bench/subjects/squid.ts';
import { weirTlsColdTwoTier } from '../../../../bench/subjects/weir.ts';
import { distance } from '../../../../bench/workloads/distance.ts';
import { QUICK } from '../../../../bench/workloads/sizes.ts';
import { needTool } from '../../../fixtures/tools.ts';

t.setTimeout(120_000);

t.test('Weir and Squid with TLS, and nothing opened ahead, take three round trips and more', async (t) => {
  const squid = (await needTool(t, 'squid')) === undefined ? [] : [squidTlsTwoTier];
  const subjects = [weirTlsColdTwoTier, ...squid];
  const { observations, faults } = await runPlan({
    subjects,
    workloads: [distance({ ...QUICK, warmUps: 0, distantTunnels: 3 })],
    rounds: 1,
    onStep: () => {},
  });
  t.same(faults, []);
  t.same(
    observations.map(({ subject }) => subject),
    subjects.map(({ name }) => name),
  );
  for (const { subject, readings } of observations) {
    const { openedTrips = 0, echoedTrips = 0, opened = 0 } = readings;
    t.ok(openedTrips > 2.99, `${subject}: ${openedTrips} until the 200`);
    t.ok(echoedTrips > 3.99, `${subject}: ${echoedTrips} until the echo`);
    t.ok(Math.abs(opened / openedTrips - 0.02) < 1e-6, 'a round trip is 20 ms');
  }
});
