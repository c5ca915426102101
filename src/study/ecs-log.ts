/** Lines of Weir's access log in the format `ecs`, under the native names again, as far as a study asks for them. */
import { hostPort } from '#net/authority.ts';

type Fields = Readonly<Record<string, unknown>>;

const NATIVE: Readonly<Record<string, string>> = {
  '@timestamp': 'time',
  'event.action': 'event',
  'event.reason': 'reason',
  'source.ip': 'client_ip',
  'orchestrator.namespace': 'namespace',
  'user.name': 'user',
  'http.request.method': 'method',
  'destination.ip': 'upstream_ip',
  'url.full': 'url',
  'rule.name': 'rule',
  'tls.client.server_name': 'sni',
  'weir.listener': 'listener',
  'weir.service_account': 'service_account',
  'weir.outcome': 'outcome',
  'weir.reports': 'reports',
  'weir.peer': 'peer',
};

/** The fields under their native names; a line of another format as it is. */
export function nativeFields(fields: Fields): Fields {
  if (fields['event.dataset'] !== 'weir.access') return fields;
  const named = Object.entries(fields).map(([field, value]) => [NATIVE[field] ?? field, value]);
  return {
    ...Object.fromEntries(named),
    target: targetOf(fields['destination.address'], fields['destination.port']),
    duration_ms: Number(fields['event.duration']) / 1e6,
  };
}

function targetOf(host: unknown, port: unknown): string | undefined {
  return typeof host === 'string' && typeof port === 'number' ? hostPort(host, port) : undefined;
}
