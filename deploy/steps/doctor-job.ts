/** The Job that runs `weir doctor` among the clients, as Kubernetes takes it. */
import { jobManifest } from './job.ts';

/** Nobody's user, nothing to write to, no token: what pod security `restricted` asks for. */
export function doctorJob(name: string, image: string, args: readonly string[]) {
  const labels = { 'app.kubernetes.io/name': 'weir', 'app.kubernetes.io/component': 'doctor' };
  const container = {
    name: 'doctor',
    image,
    args,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
  };
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container],
  };
  return jobManifest({ name, labels, limitS: 120, spec });
}
