#!/usr/bin/env bash
# Makes tier 2 as a group of machines that the platform keeps alive and scales, behind an internal load balancer. Makes only what is
# missing, changes nothing that is there, and may be broken off and started again. Subnet, NAT and account are vm/create.sh's.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=../lib-cloud.sh
. "$(dirname "$0")/../lib-cloud.sh"

usage() {
  cat <<'TEXT'
vm/mig/create.sh --settings FILE [--dry-run]

Makes, where they are not there yet: health checks, an instance template named after what is in it, a regional managed instance group
that heals itself, its autoscaler, and an internal passthrough load balancer at MIG_ADDRESS, which gets the name DNS_NAME.
Afterwards vm/firewall.sh, which is the same for a group.

  --settings FILE  What is to be made: vm/settings.example.env, with MIG_ADDRESS and MIG_SOURCE
  --dry-run        Print the gcloud commands that would change something, one a line, and change nothing. It looks at what is there:
                   gcloud must be logged in

Exit codes: 0 all is there, 1 a step failed or something that is there differs, 64 usage, 66 no such file, 78 settings are wrong.

Examples:
  vm/mig/create.sh --settings vm/prod.env --dry-run   What would be done
  vm/mig/create.sh --settings vm/prod.env             Do it
TEXT
}

option() { :; }

# Traffic goes to whoever is ready; whoever does not live is replaced. Not the same: a machine that drains, or whose audit disk is full,
# is not ready, and must not be deleted for it.
make_checks() {
  local kind_of_new=http
  ensure 'compute health-checks' "$fleet-readyz" "${in_region[@]}" \
    -- httpHealthCheck.port="$ADMIN_PORT" httpHealthCheck.requestPath=/readyz \
    -- --port="$ADMIN_PORT" --request-path=/readyz --check-interval=5s --timeout=3s --healthy-threshold=2 --unhealthy-threshold=2 --enable-logging
  ensure 'compute health-checks' "$fleet-healthz" "${in_region[@]}" \
    -- httpHealthCheck.port="$ADMIN_PORT" httpHealthCheck.requestPath=/healthz \
    -- --port="$ADMIN_PORT" --request-path=/healthz --check-interval=10s --timeout=5s --healthy-threshold=1 --unhealthy-threshold=6 --enable-logging
}

# A template is never changed: another content is another name, and the group is rolled to it.
make_template() {
  local flags
  flags=(--machine-type="$MACHINE_TYPE" --image-family="$IMAGE_FAMILY" --image-project="$IMAGE_PROJECT"
    --boot-disk-size="$DISK_SIZE" --boot-disk-type=pd-balanced --region="$REGION"
    --network-interface="subnet=$SUBNET,stack-type=IPV4_ONLY,no-address" --service-account="$account" --scopes=cloud-platform
    --no-can-ip-forward --maintenance-policy=MIGRATE --shielded-secure-boot --shielded-vtpm --shielded-integrity-monitoring
    --metadata="enable-oslogin=TRUE,block-project-ssh-keys=TRUE,serial-port-enable=FALSE,weir-source=$MIG_SOURCE"
    --metadata-from-file="startup-script=$here/startup.sh")
  template=$fleet-$({ printf '%s\n' "${flags[@]%startup-script=*}"; cat "$here/startup.sh"; } | sha256sum | cut -c1-8)
  ensure 'compute instance-templates' "$template" --project="$PROJECT" -- properties.machineType="$MACHINE_TYPE" -- "${flags[@]}"
}

# Nothing is moved between zones for the sake of balance: that would cut tunnels. A new machine comes before an old one goes.
make_group() {
  ensure 'compute instance-groups managed' "$fleet" "${in_region[@]}" \
    -- instanceTemplate.basename\(\)="$template" autoHealingPolicies[0].healthCheck.basename\(\)="$fleet-healthz" \
    updatePolicy.instanceRedistributionType=NONE \
    -- --template="$template" --size="$MIG_MIN" --base-instance-name="$fleet" --health-check="$fleet-healthz" --initial-delay=300 \
    --instance-redistribution-type=none --update-policy-type=opportunistic --update-policy-max-surge=3 --update-policy-max-unavailable=0
}

# Grows at once, shrinks by one machine in twenty minutes, as each that goes has to drain.
make_autoscaler() {
  local has
  has=$(gcloud compute instance-groups managed describe "$fleet" "${in_region[@]}" --format="value[separator='|'](status.autoscaler.basename())" 2>/dev/null)
  if [ -n "$has" ]; then
    tick "The autoscaler of $fleet is there"
  else
    do_it "The autoscaler of $fleet is made" 'read what gcloud says, then start this again: it goes on here' \
      gcloud compute instance-groups managed set-autoscaling "$fleet" "${in_region[@]}" --mode=on --min-num-replicas="$MIG_MIN" \
      --max-num-replicas="$MIG_MAX" --target-cpu-utilization="$MIG_CPU" --cool-down-period=120 \
      --scale-in-control=max-scaled-in-replicas=1,time-window=1200 --quiet
  fi
}

# A machine that leaves keeps its connections for as long as Weir drains. What has no ready machine gets none: a connection to one that
# refuses everything would hide it.
make_balancer() {
  ensure 'compute backend-services' "$fleet" "${in_region[@]}" \
    -- loadBalancingScheme=INTERNAL protocol=TCP healthChecks.map\(\).basename\(\).list\(\)="$fleet-readyz" \
    connectionDraining.drainingTimeoutSec=900 \
    -- --load-balancing-scheme=INTERNAL --protocol=TCP --network="$NETWORK" --health-checks="$fleet-readyz" \
    --health-checks-region="$REGION" --connection-draining-timeout=900
  local backends
  backends=$(gcloud compute backend-services describe "$fleet" "${in_region[@]}" --format="value[separator='|'](backends[].group.map().basename().list())" 2>/dev/null)
  if [ "$backends" = "$fleet" ]; then
    tick "The load balancer sends to $fleet"
  else
    do_it "The load balancer sends to $fleet" 'read what gcloud says, then start this again: it goes on here' \
      gcloud compute backend-services add-backend "$fleet" "${in_region[@]}" --instance-group="$fleet" --instance-group-region="$REGION" --quiet
  fi
  ensure 'compute addresses' "$fleet" "${in_region[@]}" -- address="$MIG_ADDRESS" subnetwork.basename\(\)="$SUBNET" \
    -- --subnet="$SUBNET" --addresses="$MIG_ADDRESS"
  ensure 'compute forwarding-rules' "$fleet" "${in_region[@]}" \
    -- IPProtocol=TCP ports.list\(\)="$PROXY_PORT" backendService.basename\(\)="$fleet" \
    -- --load-balancing-scheme=INTERNAL --network="$NETWORK" --subnet="$SUBNET" --address="$fleet" --ip-protocol=TCP \
    --ports="$PROXY_PORT" --backend-service="$fleet" --backend-service-region="$REGION"
}

main() {
  here=$(cd "$(dirname "$0")" && pwd)
  parse_options "$@"
  load_settings PROJECT REGION NETWORK SUBNET_RANGE DNS_NAME MIG_ADDRESS MIG_SOURCE
  in_region=(--project="$PROJECT" --region="$REGION")
  account=$SERVICE_ACCOUNT@$PROJECT.iam.gserviceaccount.com
  fleet=$PREFIX-tier-2
  check_cloud compute.googleapis.com dns.googleapis.com
  make_checks
  make_template
  make_group
  make_autoscaler
  make_balancer
  make_name "$DNS_NAME" "$MIG_ADDRESS"
  finish "Next: vm/firewall.sh --settings $settings"
}

main "$@"
