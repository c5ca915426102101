import { testExchanges } from '../../fixtures/exchange-scenarios.ts';
import { OWN } from '../../fixtures/pool.ts';

testExchanges(OWN);
