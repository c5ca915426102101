import { testConnections } from '../../fixtures/connection-scenarios.ts';
import { OWN } from '../../fixtures/pool.ts';

testConnections(OWN);
