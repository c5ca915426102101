#!/usr/bin/env bash
# Makes the machines of tier 2 and their way out. Makes only what is missing, changes nothing that is there, and may be broken off and
# started again. What the firewall lets through is firewall.sh's.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib-cloud.sh
. "$(dirname "$0")/lib-cloud.sh"

usage() {
  cat <<'TEXT'
vm/create.sh --settings FILE [--dry-run]

Makes, where they are not there yet: the service account of tier 2 (without roles), a subnet for nothing else, Cloud NAT for that
subnet only (or a reserved external address for each machine), an internal address, the machine and an internal DNS name for each
of VMS, and DNS_NAME for all of them.

  --settings FILE  What is to be made: vm/settings.example.env
  --dry-run        Print the gcloud commands that would change something, one a line, and change nothing. It looks at what is there:
                   gcloud must be logged in

Exit codes: 0 all is there, 1 a step failed or something that is there differs, 64 usage, 66 no such file, 78 settings are wrong.

Examples:
  vm/create.sh --settings vm/prod.env --dry-run   What would be done
  vm/create.sh --settings vm/prod.env             Do it
TEXT
}

option() { :; }

# No role: what takes over the proxy gets nothing by its token. vm/README.md says which roles log shipping would need.
make_account() {
  account=$SERVICE_ACCOUNT@$PROJECT.iam.gserviceaccount.com
  # It is asked for by its address, and made by its name.
  name_of_new=$SERVICE_ACCOUNT ensure 'iam service-accounts' "$account" --project="$PROJECT" -- email="$account" --
}

make_subnet() {
  ensure 'compute networks subnets' "$SUBNET" "${in_region[@]}" \
    -- network.basename\(\)="$NETWORK" ipCidrRange="$SUBNET_RANGE" stackType=IPV4_ONLY privateIpGoogleAccess=True \
    -- --network="$NETWORK" --range="$SUBNET_RANGE" --stack-type=IPV4_ONLY --enable-private-ip-google-access
}

# An external address that stays: partners put it on their lists.
make_external() {
  ensure 'compute addresses' "$1" "${in_region[@]}" -- addressType=EXTERNAL -- --network-tier=PREMIUM
}

# For the subnet of tier 2 and no other: with all subnets it would be a way out for the nodes.
make_nat() {
  local pool='' number
  if [ $((NAT_ADDRESSES * 64512)) -lt $((NAT_MIN_PORTS * machines)) ] || [ "$NAT_MAX_PORTS" -le "$NAT_MIN_PORTS" ]; then
    stop "$NAT_ADDRESSES NAT addresses have too few ports for $machines machines with $NAT_MIN_PORTS each, $NAT_MAX_PORTS at most" \
      'raise NAT_ADDRESSES: each has 64512 ports; NAT_MAX_PORTS must be above NAT_MIN_PORTS' "$CONFIGURATION"
  fi
  for ((number = 1; number <= NAT_ADDRESSES; number++)); do
    make_external "$PREFIX-nat-$number"
    pool+=${pool:+,}$PREFIX-nat-$number
  done
  ensure 'compute routers' "$PREFIX-router" "${in_region[@]}" -- network.basename\(\)="$NETWORK" -- --network="$NETWORK"
  ensure 'compute routers nats' "$PREFIX-nat" "${in_region[@]}" --router="$PREFIX-router" \
    -- sourceSubnetworkIpRangesToNat=LIST_OF_SUBNETWORKS subnetworks[].name.map\(\).basename\(\).list\(\)="$SUBNET" \
    natIps.map\(\).basename\(\).list\(\)="$pool" enableDynamicPortAllocation=True minPortsPerVm="$NAT_MIN_PORTS" \
    maxPortsPerVm="$NAT_MAX_PORTS" enableEndpointIndependentMapping=False \
    -- --nat-custom-subnet-ip-ranges="$SUBNET" --nat-external-ip-pool="$pool" --enable-dynamic-port-allocation \
    --min-ports-per-vm="$NAT_MIN_PORTS" --max-ports-per-vm="$NAT_MAX_PORTS" --no-enable-endpoint-independent-mapping \
    --enable-logging --log-filter=ERRORS_ONLY
}

# make_machine NAME ZONE ADDRESS
make_machine() {
  local name=$1 zone=$2 address=$3 outside=no-address
  ensure 'compute addresses' "$name" "${in_region[@]}" -- address="$address" subnetwork.basename\(\)="$SUBNET" \
    -- --subnet="$SUBNET" --addresses="$address"
  local inside=()
  if [ "$WAY_OUT" = reserved ]; then
    make_external "$name-external"
    outside=address=$name-external
  else
    # An external address that somebody gave it later is a way in, and a way past the NAT.
    inside=('networkInterfaces[0].accessConfigs[0].natIP=')
  fi
  ensure 'compute instances' "$name" --project="$PROJECT" --zone="$zone" \
    -- status=RUNNING machineType.basename\(\)="$MACHINE_TYPE" networkInterfaces[0].networkIP="$address" \
    networkInterfaces[0].subnetwork.basename\(\)="$SUBNET" serviceAccounts[0].email="$account" \
    tags.items.list\(\)= shieldedInstanceConfig.enableSecureBoot=True ${inside[@]+"${inside[@]}"} \
    -- --machine-type="$MACHINE_TYPE" --image-family="$IMAGE_FAMILY" --image-project="$IMAGE_PROJECT" \
    --boot-disk-size="$DISK_SIZE" --boot-disk-type=pd-balanced \
    --network-interface="subnet=$SUBNET,private-network-ip=$address,stack-type=IPV4_ONLY,$outside" \
    --service-account="$account" --scopes=cloud-platform --no-can-ip-forward --deletion-protection \
    --maintenance-policy=MIGRATE --shielded-secure-boot --shielded-vtpm --shielded-integrity-monitoring \
    --metadata=enable-oslogin=TRUE,block-project-ssh-keys=TRUE,serial-port-enable=FALSE
}

main() {
  local vm vms name zone address addresses=
  parse_options "$@"
  load_settings PROJECT REGION NETWORK SUBNET_RANGE DNS_NAME
  in_region=(--project="$PROJECT" --region="$REGION")
  IFS=, read -ra vms <<<"$VMS"
  machines=$((${#vms[@]} > MIG_MAX ? ${#vms[@]} : MIG_MAX))
  check_cloud compute.googleapis.com dns.googleapis.com iam.googleapis.com
  make_account
  make_subnet
  [ "$WAY_OUT" = reserved ] || make_nat
  for vm in ${vms[@]+"${vms[@]}"}; do
    IFS=/ read -r name zone address <<<"$vm"
    make_machine "$name" "$zone" "$address"
    make_name "$name.${DNS_NAME#*.}" "$address"
    addresses+=${addresses:+,}$address
  done
  # The name of all of them. With a load balancer it is that one's, and vm/mig/create.sh makes it.
  [ -n "$MIG_ADDRESS" ] || [ -z "$addresses" ] || make_name "$DNS_NAME" "$addresses"
  finish "Next: vm/firewall.sh --settings $settings"
}

main "$@"
