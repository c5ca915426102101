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
${goingBack()}`;

/** The order that somebody needs who was just woken. */
function goingBack(): string {
  return `
## Going back · 回退

What a change has brought about is taken back where \`deploy/deploy\` was started, with its settings (\`prod.env\`) and the state beside them, in this order:

由变更引起的故障，在运行 \`deploy/deploy\` 的机器上回退，使用其设置（\`prod.env\`）和旁边的状态文件，按以下顺序：

\`\`\`sh
# Which way: verifies both tiers, which takes minutes, and prints none, mend, policy, version or squid · 先看用哪种方式
deploy/rollback --settings prod.env --suggest
# The policy before, in force within seconds, and nothing restarts · 上一个策略
deploy/rollback policy --settings prod.env
# The image and the package before; pods and machines drain · 上一个版本
deploy/rollback version --settings prod.env
# The proxy that was there before Weir, where neither has helped · 都无效时：Weir 之前的代理
deploy/rollback squid --settings prod.env
# Whether all of it holds, at any time · 随时验证
deploy/verify --settings prod.env
\`\`\`

Who has just changed something and has no minutes takes that back at once, without \`--suggest\`. Each way verifies at its end. Exit code 0: it is back, and all holds. 1: do what stands at the ✗, and start the same command again. 70: what was put back does not hold, or there is nothing to put back: the next way, and [whoever decides](../rollback.md#which-way-back). \`--tier 1\` or \`--tier 2\` leaves the other tier as it is, \`--list\` has what there is to go back to, \`--dry-run\` shows what would be done. Then mend file or settings, before anybody deploys again: [rollback.md](../rollback.md).

刚做过变更且没有时间时，不必 \`--suggest\`，立即回退该变更。每种方式最后都会验证。退出码 0：已回退且一切正常。1：按 ✗ 处的提示处理，再次执行同一命令。70：回退后仍不正常，或没有可回退的内容：用下一种方式，并[上报决策](../rollback.md#which-way-back)。\`--tier 1\` 或 \`--tier 2\` 只回退一层，\`--list\` 列出可回退的内容，\`--dry-run\` 显示将要执行的操作。再次部署之前先改正文件或设置：[rollback.md](../rollback.md)。

Not by \`kubectl rollout undo\` or \`kubectl apply\`: the state would not know of it, and \`deploy/verify\` says that somebody has changed it by another way. Without that workstation, for one machine of tier 2, as root on it, in the folder that \`vm/\` was sent to (by \`deploy/deploy\` it is \`weir-deploy\` in the home folder of whoever deployed, the newest first in \`ls -dt /home/*/weir-deploy\`; the settings are beside \`vm/\` by the name that \`VM_SETTINGS\` has, here \`vm.env\`):

不要用 \`kubectl rollout undo\` 或 \`kubectl apply\`：状态文件不会知道，\`deploy/verify\` 会报告有人用其他方式改过。没有那台机器时，可在第二层的一台虚拟机上以 root 执行，目录是 \`vm/\` 所在的目录（由 \`deploy/deploy\` 放入时是部署者主目录下的 \`weir-deploy\`，\`ls -dt /home/*/weir-deploy\` 中最新的排在最前；设置文件在 \`vm/\` 旁边，文件名与 \`VM_SETTINGS\` 相同，这里是 \`vm.env\`）：

\`\`\`sh
vm/rollback list --settings vm.env
vm/rollback configuration --settings vm.env
vm/rollback package --settings vm.env
vm/verify --settings vm.env
\`\`\`
`;
}

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
