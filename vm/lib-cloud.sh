# shellcheck shell=bash
# What the scripts that speak to gcloud share: look first, then make what is missing; and what is there but differs is said, not changed.
# Sourced after lib.sh, whose settings it reads.
# shellcheck disable=SC2154

# Who else could be logged in, and what is turned on. Asks only.
check_cloud() {
  local account services name
  command -v gcloud >/dev/null || stop 'gcloud is not installed' 'install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install'
  account=$(gcloud auth list --filter=status:ACTIVE --format='value(account)' 2>/dev/null)
  [ -n "$account" ] || stop 'gcloud is not logged in' 'gcloud auth login'
  tick "gcloud acts as $account"
  services=$(gcloud services list --enabled --project="$PROJECT" --format='value(config.name)' 2>&1) ||
    stop "The project $PROJECT cannot be read: ${services##*$'\n'}" "ask for the roles of vm/README.md, or correct PROJECT in $settings"
  for name in "$@"; do
    case $'\n'$services$'\n' in
      *$'\n'"$name"$'\n'*) ;;
      *) do_it "$name is enabled" "ask for the role Service Usage Admin" gcloud services enable "$name" --project="$PROJECT" ;;
    esac
  done
  gcloud compute networks describe "$NETWORK" --project="$PROJECT" --format='value(name)' >/dev/null 2>&1 ||
    stop "There is no network $NETWORK in $PROJECT" "correct NETWORK in $settings: it is the one of the cluster, which must be there"
}

# ensure GROUP NAME SCOPE... -- FIELD=WANTED... -- FLAG...
# Describes NAME of the group of commands GROUP; where it is not there, creates it with the flags; where a field is not what is wanted,
# says so. SCOPE goes with both. A field is a key of gcloud's --format.
ensure() {
  local group name=$2 scope=() fields='' wanted=() flags=() found
  read -ra group <<<"$1"
  shift 2
  while [ "$1" != -- ]; do scope+=("$1"); shift; done
  shift
  while [ "$1" != -- ]; do fields+=${fields:+,}${1%%=*} wanted+=("${1#*=}"); shift; done
  shift
  # Some are made by another name than they are asked for by, and a health check by its kind as well.
  flags=(${kind_of_new:+"$kind_of_new"} "${name_of_new:-$name}" "${scope[@]}" "$@")
  if found=$(gcloud "${group[@]}" describe "$name" "${scope[@]}" --format="value[separator='|']($fields)" 2>&1); then
    compare "${group[*]} $name" "$fields" "$found" "${wanted[@]}"
  elif is_absent "$found"; then
    do_it "${group[*]} $name is made" 'read what gcloud says, then start this again: it goes on here' \
      gcloud "${group[@]}" create "${flags[@]}" --quiet
  else
    stop "${group[*]} $name cannot be read: ${found##*$'\n'}" 'see that gcloud may read it; nothing was changed'
  fi
}

# Whether what gcloud said means that it is not there. Anything else is no reason to make one.
is_absent() { [[ $1 =~ (was not found|NOT_FOUND|not found in router|does not exist) ]]; }

# compare WHAT FIELDS FOUND WANTED...: lists are compared as sets.
compare() {
  local what=$1 names found field=0 one differs=0
  IFS=, read -ra names <<<"$2"
  IFS='|' read -ra found <<<"$3"
  shift 3
  for one; do
    if [ "${found[field]:-}" != "$one" ] && [ "$(as_set "${found[field]:-}")" != "$(as_set "$one")" ]; then
      differs=1
      cross "$what differs: ${names[field]} is \"${found[field]:-}\", wanted \"$one\"" "$(remedy "$what" "${names[field]}")"
    fi
    field=$((field + 1))
  done
  [ "$differs" -eq 1 ] || tick "$what is as wanted"
}

as_set() {
  case $1 in
    *[,\;]*) printf %s "$1" | tr ',;' '[\n*]' | LC_ALL=C sort | tr '\n' ',' ;;
    *) printf %s "$1" ;;
  esac
}

# What to do where something that is there differs. Nothing is changed by itself: it may carry traffic.
remedy() {
  case $1 in
    *firewall-rules*) printf 'correct %s, or bring the rule back: %s' "$settings" "$bring_back" ;;
    *'record-sets'*) printf 'this moves traffic: gcloud dns record-sets update, with the address that is wanted, when it is meant to move' ;;
    *'compute instances'*) printf 'correct %s, or take the machine out of the peers of tier 1, stop it, change it with gcloud compute instances, and start it' "$settings" ;;
    *'nats'*) printf 'correct %s, or: gcloud compute routers nats update %s, with the flag for %s' "$settings" "${1##* }" "$2" ;;
    *'managed'*) printf 'correct %s, or roll it out: gcloud compute instance-groups managed rolling-action start-update (vm/mig/README.md)' "$settings" ;;
    *) printf 'correct %s, or change it: gcloud %s update (or delete it where nothing uses it, and start this again)' "$settings" "$1" ;;
  esac
}

# make_name NAME ADDRESSES: a private zone of this one name, for the network only. A zone of the whole domain would hide its public names.
make_name() {
  local zone=${1//./-}
  ensure 'dns managed-zones' "$zone" --project="$PROJECT" -- dnsName="$1." visibility=private \
    privateVisibilityConfig.networks[].networkUrl.map\(\).basename\(\).list\(\)="$NETWORK" \
    -- --dns-name="$1." --visibility=private --networks="$NETWORK" --description='Tier 2 of Weir'
  ensure 'dns record-sets' "$1." --project="$PROJECT" --zone="$zone" --type=A -- rrdatas.list\(\)="$2" -- --ttl=60 --rrdatas="$2"
}
