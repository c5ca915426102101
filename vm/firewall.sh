#!/usr/bin/env bash
# The firewall around tier 2: who may come to it, where it may go, and that pods and nodes get to the Internet in no other way. Rules
# that are missing are made; one that differs, and one of somebody else that comes before them, is said. May be started again.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib-cloud.sh
. "$(dirname "$0")/lib-cloud.sh"

usage() {
  cat <<'TEXT'
vm/firewall.sh --settings FILE [--dry-run]

Makes, where they are not there yet, rules of the VPC firewall that
  let pods come to the proxy, monitoring and Google's health checks to the admin address, IAP to ssh, and nobody else to anything;
  let tier 2 dial EGRESS_PORTS on the Internet and what EGRESS_ALSO names, and nothing else, inside the network least of all;
  let pods and nodes go to INTERNAL_RANGES and Google's own interfaces, and nowhere else, by IPv4 or IPv6.
Then looks for rules of others that come before these and let through what they refuse.

  --settings FILE  Ranges, ports and names: vm/settings.example.env
  --dry-run        Print the gcloud commands that would change something, one a line, and change nothing. It looks at what is there:
                   gcloud must be logged in

Exit codes: 0 all rules hold, 1 a step failed, a rule differs or another one comes before, 64 usage, 66 no such file, 78 settings are wrong.

Examples:
  vm/firewall.sh --settings vm/prod.env --dry-run   What would be done
  vm/firewall.sh --settings vm/prod.env             Do it
TEXT
}

option() { :; }

# Less comes first. Of two rules with the same number the one that refuses wins, so nobody's 910 gets past ours.
readonly FIRST=890 INSIDE=895 LET=900 REFUSE=910
# Where Google's health checks, and those of its load balancers, come from; where IAP comes from.
readonly HEALTH_CHECKS=35.191.0.0/16,130.211.0.0/22 IAP=35.235.240.0/20
readonly FIELDS='name,direction,priority,disabled,sourceRanges.list(),destinationRanges.list(),targetServiceAccounts.list(),targetTags.list(),allowed[].IPProtocol.list(),allowed[].ports.map().list(),denied[].IPProtocol.list(),logConfig.enable'

# All rules of the network, one a line: asked for once.
read_rules() {
  rules=$(gcloud compute firewall-rules list --project="$PROJECT" --filter="network ~ /$NETWORK\$" \
    --format="value[separator='|']($FIELDS)" 2>&1) ||
    stop "The firewall of $NETWORK cannot be read: ${rules##*$'\n'}" 'ask for the role Compute Security Admin'
}

# rule NAME DIRECTION PRIORITY ACTION PROTOCOLS SOURCES DESTINATIONS ACCOUNT: an empty one is not said. What refuses is logged: a try to get past.
rule() {
  local name=$PREFIX-$1 direction=$2 priority=$3 action=$4 protocols=$5 sources=$6 destinations=$7 target=$8
  local flags=() allowed='' ports='' denied='' logged=False found one
  if [ "$action" = ALLOW ]; then
    for one in ${protocols//,/ }; do
      allowed+=${allowed:+,}${one%%:*}
      [ "$one" = all ] || ports+=${ports:+;}${one#*:}
    done
  else
    denied=$protocols logged=True flags=(--enable-logging)
  fi
  flags+=(${sources:+"--source-ranges=$sources"} ${destinations:+"--destination-ranges=$destinations"}
    ${target:+"--target-service-accounts=$target"})
  made+=" $name "
  found=$(grep "^$name|" <<<"$rules") || found=
  if [ -z "$found" ]; then
    do_it "Rule $name is made" 'read what gcloud says, then start this again: it goes on here' \
      gcloud compute firewall-rules create "$name" --project="$PROJECT" --network="$NETWORK" --direction="$direction" \
      --priority="$priority" --action="$action" --rules="$protocols" "${flags[@]}" --quiet
  else
    # Direction and action cannot be changed: there, delete it, and start this again.
    bring_back=$(quoted gcloud compute firewall-rules update "$name" --project="$PROJECT" --priority="$priority" \
      --rules="$protocols" "${flags[@]}" --no-disabled)
    compare "compute firewall-rules $name" "$FIELDS" "$found" \
      "$name" "$direction" "$priority" False "$sources" "$destinations" "$target" '' "$allowed" "$ports" "$denied" "$logged"
  fi
}

# What comes in. By service account, not by tag: whoever may edit a machine may give it any tag.
guard_tier_2() {
  rule tier2-proxy INGRESS $LET ALLOW "tcp:$PROXY_PORT" "$POD_RANGES" '' "$account"
  rule tier2-admin INGRESS $LET ALLOW "tcp:$ADMIN_PORT" "$MONITORING_RANGES,$HEALTH_CHECKS" '' "$account"
  rule tier2-ssh INGRESS $LET ALLOW tcp:22 $IAP '' "$account"
  rule tier2-nothing-else-in INGRESS $REFUSE DENY all 0.0.0.0/0 '' "$account"
  rule tier2-nothing-else-in-v6 INGRESS $REFUSE DENY all ::/0 '' "$account"
}

# What goes out. The metadata server, which is Google's name server too, is beyond any rule: Weir's own guard refuses it to clients.
bound_tier_2() {
  local one exceptions protocols number=0
  IFS=, read -ra exceptions <<<"$EGRESS_ALSO"
  for one in ${exceptions[@]+"${exceptions[@]}"}; do
    number=$((number + 1))
    protocols=tcp:${one##*:}
    [ "${one##*:}" != 53 ] || protocols+=,udp:53
    rule "tier2-out-also-$number" EGRESS $FIRST ALLOW "$protocols" '' "${one%:*}" "$account"
  done
  rule tier2-out-not-inside EGRESS $INSIDE DENY all '' "$inside,100.64.0.0/10" "$account"
  rule tier2-out EGRESS $LET ALLOW "tcp:${EGRESS_PORTS//,/,tcp:}" '' 0.0.0.0/0 "$account"
  rule tier2-nothing-else-out EGRESS $REFUSE DENY all '' 0.0.0.0/0 "$account"
}

# Whatever runs in these ranges, pods by the addresses of their nodes too, with whichever tag: rules that know nodes by a tag miss the node pool that has another one.
hold_cluster() {
  local google=
  case $GOOGLE_APIS in restricted) google=199.36.153.4/30 ;; private) google=199.36.153.8/30 ;; esac
  rule cluster-inside EGRESS $LET ALLOW all "$POD_RANGES,$NODE_RANGES" "$inside" ''
  [ -z "$google" ] || rule cluster-google EGRESS $LET ALLOW tcp:443 "$NODE_RANGES" $google ''
  rule cluster-nothing-else-out EGRESS $REFUSE DENY all "$POD_RANGES,$NODE_RANGES" 0.0.0.0/0 ''
  if [ "$IPV6" = denied ]; then
    rule nothing-out-v6 EGRESS $REFUSE DENY all '' ::/0 ''
  else
    note 'IPv6 is left to a firewall policy of the organisation: see that it refuses ::/0 from pods and nodes'
  fi
}

# Rules of others that come before ours, and leftovers of ours that are no longer wanted.
look_for_others() {
  local name direction priority disabled sources destinations accounts tags allowed
  while IFS='|' read -r name direction priority disabled sources destinations accounts tags allowed _; do
    case "$made" in *" $name "*) continue ;; esac
    if [ -z "$name" ] || [ "$disabled" = True ] || [ -z "$allowed" ] || [ "$priority" -ge $REFUSE ]; then continue; fi
    case $direction in
      INGRESS) reaches_tier_2 || continue ;;
      *) leaves_network || gets_inside || [[ $name == "$PREFIX-tier2-"* ]] || continue ;;
    esac
    cross "Rule $name lets $allowed through before these (priority $priority): $direction, from ${sources:-anywhere} to ${destinations:-its targets}" \
      "give it a number above $REFUSE, or narrow it: gcloud compute firewall-rules update $name --project=$PROJECT --priority=1000"
  done <<<"$rules"
}

# Those for all machines, and those for the account of tier 2. Its machines have no tags.
reaches_tier_2() { [ -z "$accounts$tags" ] || [[ ,$accounts, == *",$account,"* ]]; }

# Whether it lets tier 2 dial inside the network, which INSIDE refuses.
gets_inside() { [ "$priority" -lt "$INSIDE" ] && reaches_tier_2; }

# Whether some destination is not one of a private network.
leaves_network() {
  local one all bits
  [ -n "$destinations" ] || return 0
  IFS=, read -ra all <<<"$destinations"
  for one in "${all[@]}"; do
    case $one in
      10.*) bits=8 ;;
      192.168.*) bits=16 ;;
      172.1[6-9].* | 172.2[0-9].* | 172.3[01].*) bits=12 ;;
      100.6[4-9].* | 100.[7-9]?.* | 100.1[01]?.* | 100.12[0-7].*) bits=10 ;;
      199.36.153.4/30) bits=30 ;;
      *) return 0 ;;
    esac
    # It may begin there, and be larger.
    [[ $one != */* ]] || [ "${one##*/}" -ge "$bits" ] || return 0
  done
  return 1
}

# Policies of the organisation and its folders come before the rules of the network; those of the network, after, unless it is said.
look_at_order() {
  local order
  order=$(gcloud compute networks describe "$NETWORK" --project="$PROJECT" --format='value(networkFirewallPolicyEnforcementOrder)') ||
    stop "The network $NETWORK cannot be read, so that nobody knows what comes before these rules" 'read what gcloud says, then start this again'
  [ "$order" != BEFORE_CLASSIC_FIREWALL ] ||
    cross "Firewall policies of the network $NETWORK come before these rules" \
      "read what they let through: gcloud compute networks get-effective-firewalls $NETWORK --project=$PROJECT"
  note "Policies of the organisation and of folders come first in any case, and are not read here: gcloud compute networks get-effective-firewalls $NETWORK --project=$PROJECT"
}

main() {
  parse_options "$@"
  load_settings PROJECT NETWORK POD_RANGES NODE_RANGES MONITORING_RANGES
  account=$SERVICE_ACCOUNT@$PROJECT.iam.gserviceaccount.com
  # Pods may have addresses that no company's network has, such as 240.0.0.0/4, and must reach each other.
  inside=$INTERNAL_RANGES,$POD_RANGES,$NODE_RANGES
  made=
  check_cloud compute.googleapis.com
  read_rules
  guard_tier_2
  bound_tier_2
  hold_cluster
  look_for_others
  look_at_order
  finish 'Next: vm/install.sh on each machine. That a pod gets nowhere without the proxy is shown by k8s/canary'
}

main "$@"
