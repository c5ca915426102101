/** Answers what is asked of what this process keeps, by the policy in force. */
import { couldAllow } from '#acl/could-allow.ts';
import type { CacheQuestion, CacheReply, RuleView, SupposedRequest } from '#cache/question.ts';
import { viewOf } from '#cache/view.ts';
import { parseRequestTarget } from '#net/request-target.ts';
import type { ProxyContext } from './context.ts';

export async function answerCache(
  context: Pick<ProxyContext, 'cache' | 'generation'>,
  question: CacheQuestion,
): Promise<CacheReply> {
  const { cache, generation } = context;
  if (question.act === 'purge') return { act: 'purge', ...(await cache.purge(question.target)) };
  const { request } = question;
  const rules = rulesFor(generation.policy.rules, request);
  const routes = generation.routes.map(({ name }) => name);
  return { act: 'why', view: await viewOf(cache, request, { nowMs: Date.now(), rules, routes }), rules };
}

function rulesFor(
  rules: ProxyContext['generation']['policy']['rules'],
  { method, url }: SupposedRequest,
): RuleView {
  const { authority } = parseRequestTarget(method, url);
  const target = { method, host: authority.host, port: authority.port, requestUrl: url };
  const enforced = rules.filter(({ mode }) => mode === 'enforce');
  const possible = enforced.filter((rule) => couldAllow(rule, target));
  return {
    caching: namesOf(enforced, true),
    possible: namesOf(possible, true),
    others: namesOf(possible, false),
  };
}

function namesOf(rules: ProxyContext['generation']['policy']['rules'], hasCache: boolean): string[] {
  return rules.filter(({ cache }) => cache === hasCache).map(({ name }) => name);
}
