/** The page that leads from an alert to what to do (docs/runbooks/README.md). */
import { type Alert, type Group, isAlert } from './alert.ts';
import { GROUPS } from './groups.ts';

const HEAD = `# Runbooks

<!-- Made by \`npm run monitoring\` from scripts/monitoring/. -->

What to do when an alert of [k8s/monitoring](../../k8s/monitoring/README.md) comes, one page for each: what it means, whom it hurts, commands that show what is wrong, and how to recover. In English and in Chinese.

每个告警一页：含义、影响、检查命令和恢复步骤，中英文对照。

The commands are for somebody who may use \`kubectl\` in the cluster and has a shell on the VM. Before you begin, where Prometheus and Alertmanager run in the cluster:

以下命令需要集群的 \`kubectl\` 权限以及虚拟机的 shell。开始之前（Prometheus 与 Alertmanager 在集群内时）：

\`\`\`sh
kubectl -n monitoring port-forward svc/prometheus-operated 9090 &
kubectl -n monitoring port-forward svc/alertmanager-operated 9093 &
export PROMETHEUS=http://127.0.0.1:9090 ALERTMANAGER=http://127.0.0.1:9093
amtool --alertmanager.url=$ALERTMANAGER alert query
\`\`\`

\`promtool\` and \`amtool\` come with them; Debian has both in \`prometheus\` and \`prometheus-alertmanager\`. Words in capitals, as \`POD\`, are yours to fill in; addresses and names are those of the examples. \`weir check t1.yaml\` is for the files as you keep them.

[\`weir doctor\`](../doctor.md) goes the way of a client, so it is typed where one is: in a container beside it, which has its address. Its first ✗ names the component, and the transaction is the one to look up in the logs of both tiers. Towards a VM whose listener asks for certificates it shows none: there it tells of TCP, and not of what is behind it.

\`weir doctor\` 走的是客户端的路，所以要在客户端旁边运行（共用其地址的容器）。第一个 ✗ 指出出错的组件，其中的事务号可在两层的日志里查到。对要求客户端证书的虚拟机监听端口，它只能判断 TCP 是否可达。

\`\`\`sh
kubectl -n api debug POD -it --image=IMAGE --profile=restricted -- weir doctor --proxy http://microsoft.intra.aibang.local:3128 https://login.microsoftonline.com/
\`\`\`

\`critical\` wakes somebody, \`warning\` waits for office hours, \`info\` is for the dashboard; \`none\` is for a machine that waits for it. An alert that is a consequence of another one that fires is held back ([Alertmanager](../../k8s/monitoring/README.md#alertmanager)).

\`critical\` 立即叫人；\`warning\` 工作时间处理；\`info\` 只在看板显示；\`none\` 供机器心跳使用。由其他告警引发的后果类告警会被抑制。
`;

function row({ name, severity, summary }: Alert): string {
  const what = summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '_$1_').replaceAll(/\{\{.*?\}\}/g, '…');
  return `| [${name}](${name}.md) | ${severity} | ${what} |`;
}

function section({ name, rules }: Group): string {
  const rows = rules.filter(isAlert).map(row);
  if (rows.length === 0) return '';
  return `\n## ${name}\n\n| Alert | Severity | Says |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

export function runbookIndex(): string {
  return HEAD + GROUPS.map(section).join('');
}
