#!/bin/sh
# For clusters with Cloud DNS: a private zone for the network of the cluster, with the addresses of the zone file that the other variant
# serves. Says what it does, changes only what differs, and may be run again.
# Usage: apply.sh PROJECT NETWORK [ZONE_FILE]
set -eu

if [ $# -lt 2 ]; then
  echo "Usage: $0 PROJECT NETWORK [ZONE_FILE]" >&2
  exit 64
fi
project=$1
network=$2
file=${3:-$(dirname "$0")/../kube-dns/intra.aibang.local.zone}

domain=$(awk '$1 == "$ORIGIN" { print $2 }' "$file")
ttl=$(awk '$1 == "$TTL" { print $2 }' "$file")
if [ -z "$domain" ] || [ -z "$ttl" ]; then
  echo "Cannot find \$ORIGIN and \$TTL in $file" >&2
  exit 1
fi
# The name of a zone is a label: intra.aibang.local. becomes intra-aibang-local.
zone=$(printf '%s' "${domain%.}" | tr . -)

if ! gcloud dns managed-zones describe "$zone" --project="$project" >/dev/null 2>&1; then
  echo "Creating the private zone $zone for $network"
  gcloud dns managed-zones create "$zone" --project="$project" --dns-name="$domain" --visibility=private \
    --networks="$network" --description="Names of the egress proxy"
fi

# Records of the zone, without its own name server, which Cloud DNS is itself.
awk '$2 == "IN" && $3 == "A" && $1 != "ns" { print $1, $4 }' "$file" | while read -r name address; do
  record=$name.$domain
  if ! now=$(gcloud dns record-sets describe "$record" --project="$project" --zone="$zone" --type=A \
    --format='value(rrdatas[0])' 2>/dev/null); then
    now=
  fi
  [ "$now" = "$address" ] && continue
  action=update
  [ -n "$now" ] || action=create
  echo "$record is to be $address, was ${now:-nothing}"
  gcloud dns record-sets "$action" "$record" --project="$project" --zone="$zone" --type=A --ttl="$ttl" --rrdatas="$address" </dev/null
done
