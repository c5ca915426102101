/** What Kubernetes tells a pod of its own cluster: where the API server is, and in which files the pod's token and its authority are. */
import type { Config } from './config.ts';
import { ConfigError } from './problems.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The same configuration, with the API server where it names none. Of the process and not of the file: so that a file for a cluster can
 * be checked anywhere.
 * @throws {ConfigError} where pods are to be watched, and this is no pod
 */
export function inCluster(config: Config, environment: NodeJS.ProcessEnv = process.env): Config {
  const { kubernetes } = config;
  if (kubernetes === undefined || kubernetes.server !== undefined) return config;
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === '') {
    const message = 'Cannot watch pods: KUBERNETES_SERVICE_HOST is not set, so that this is no pod';
    const place = {
      file: String(config.file),
      line: 1,
      column: 1,
      path: 'kubernetes.identity',
      value: 'true',
    };
    throw new ConfigError([{ ...place, message, fix: 'Name the API server by kubernetes.apiServer' }]);
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { tokenFile = `${FOLDER}/token`, caFile = `${FOLDER}/ca.crt` } = kubernetes;
  return Object.freeze({
    ...config,
    kubernetes: Object.freeze({ ...kubernetes, server, tokenFile, caFile }),
  });
}
