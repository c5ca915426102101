# shellcheck shell=bash
# What all scripts of vm/ share: settings, steps with ✓ and ✗, and the dry run. Sourced, never run. Steps go to standard error; the
# only thing on standard output is the commands of a dry run, one a line, quoted so that they can be pasted. Works with bash 3.2.
set -uo pipefail

# Also what these scripts end with; those of the program are in docs/commands.md.
# shellcheck disable=SC2034
readonly FOUND_WRONG=1 USAGE=64 NO_INPUT=66 ESCALATE=70 CONFIGURATION=78

dry_run=
wrong=0
on_stop=$FOUND_WRONG

tick() { printf '✓ %s\n' "$*" >&2; }

note() { printf -- '- %s\n' "$*" >&2; }

# cross WHAT WHAT_TO_DO: something is wrong; the script goes on, and ends with 1.
cross() {
  wrong=$((wrong + 1))
  printf '✗ %s\n  To do: %s\n' "$1" "$2" >&2
}

# stop WHAT WHAT_TO_DO [STATUS]: nothing more can be done. Started again, a script goes on where it stopped.
stop() {
  cross "$1" "$2"
  exit "${3:-$on_stop}"
}

# finish WHAT_IS_NEXT: the last line.
finish() {
  if [ "$wrong" -gt 0 ]; then
    printf '%s wrong: do what is said above, then start this again\n' "$wrong" >&2
    exit "$FOUND_WRONG"
  fi
  if [ -n "$dry_run" ]; then
    note 'Dry run: nothing was changed'
  else
    printf 'Done. %s\n' "$1" >&2
  fi
}

# The words of a command as a shell reads them.
quoted() {
  local word separator=
  for word; do
    printf %s "$separator"
    separator=' '
    case $word in
      '' | *[!A-Za-z0-9_./:=,@%+-]*) printf "'%s'" "${word//\'/\'\\\'\'}" ;;
      *) printf %s "$word" ;;
    esac
  done
  printf '\n'
}

# do_it WHAT WHAT_TO_DO COMMAND...: a step that changes something. A dry run prints the command instead, or those that a function of ours
# gives to change(). What the command says is shown where it fails, and no more of it than its last lines.
do_it() {
  local what=$1 cure=$2 said
  shift 2
  if [ -n "$dry_run" ]; then
    note "Would do: $what"
    if [ "$(type -t "$1")" = function ]; then "$@"; else quoted "$@"; fi
  elif said=$("$@" 2>&1); then
    tick "$what"
  else
    stop "$what: $(printf '%s\n' "$said" | tail -n 3)" "$cure"
  fi
}

# One command of a step.
change() {
  if [ -n "$dry_run" ]; then quoted "$@"; else "$@"; fi
}

# The options that every script has; what else there is goes to option(), which says how many words it took.
parse_options() {
  settings=
  while [ $# -gt 0 ]; do
    case $1 in
      --help) usage; exit 0 ;;
      --dry-run) dry_run=yes; shift ;;
      --settings) [ $# -gt 1 ] || misused '--settings needs a file'; settings=$2; shift 2 ;;
      *) taken=0; option "$@"; [ "$taken" -gt 0 ] || misused "there is no \"$1\""; shift "$taken" ;;
    esac
  done
}

misused() {
  printf 'Cannot run: %s\n\n' "$1" >&2
  usage >&2
  exit "$USAGE"
}

# NAME|DEFAULT|KIND, `-` where it has to be said. settings.example.env says what each is for.
known_settings() {
  cat <<'TABLE'
PROJECT|-|name
REGION|-|name
NETWORK|-|name
PREFIX|weir|name
SUBNET|weir-tier-2|name
SUBNET_RANGE|-|range
SERVICE_ACCOUNT|weir-tier-2|name
VMS||vms
DNS_NAME|-|domain
MACHINE_TYPE|e2-standard-2|name
IMAGE_FAMILY|debian-12|name
IMAGE_PROJECT|debian-cloud|name
DISK_SIZE|500GB|size
WAY_OUT|nat|nat/reserved
NAT_ADDRESSES|1|count
NAT_MIN_PORTS|4096|ports
NAT_MAX_PORTS|32768|ports
POD_RANGES|-|ranges
NODE_RANGES|-|ranges
INTERNAL_RANGES|10.0.0.0/8,172.16.0.0/12,192.168.0.0/16|ranges
MONITORING_RANGES|-|ranges
GOOGLE_APIS|restricted|restricted/private/none
IPV6|denied|denied/elsewhere
PROXY_PORT|3128|port
ADMIN_PORT|9128|port
EGRESS_PORTS|80,443|portlist
EGRESS_ALSO||exceptions
MIG_ADDRESS||address
MIG_MIN|2|count
MIG_MAX|4|count
MIG_CPU|0.6|share
MIG_SOURCE||bucket
CLIENT_ADDRESS|-|address
PERMITTED|-|target
PERMITTED_AT||moment
REFUSED|-|target
PROXY_URL||url
PROXY_CA||path
PROXY_CERT||path
PROXY_KEY||path
AUDIT_LOG|/var/log/weir/audit.log|path
AUDIT_PUBLIC_KEY||path
TABLE
}

is_range() {
  local bits=${1#*/} part parts
  [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$ ]] || return 1
  # One that is this large would be most of the Internet.
  [ "$bits" -ge 4 ] && [ "$bits" -le 32 ] || return 1
  IFS=. read -ra parts <<<"${1%/*}"
  for part in "${parts[@]}"; do [ "$((10#$part))" -le 255 ] || return 1; done
}

is_port() { [[ $1 =~ ^[0-9]{1,5}$ ]] && [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; }

# Whether each of a list with commas is what the function $1 says.
each_is() {
  local is=$1 one all
  IFS=, read -ra all <<<"$2"
  [ "${#all[@]}" -gt 0 ] && [ "${2%,}" = "$2" ] || return 1
  for one in "${all[@]}"; do "$is" "$one" || return 1; done
}

is_address() { is_range "$1/32"; }

is_vm() {
  local rest=${1#*/}
  [[ $1 =~ ^[a-z][a-z0-9-]{0,50}/[a-z][a-z0-9-]+/[0-9.]+$ ]] && is_address "${rest#*/}"
}

is_exception() { [[ $1 == *:* ]] && is_range "${1%:*}" && is_port "${1##*:}"; }

is_target() { [[ $1 =~ ^[A-Za-z0-9.-]+:[0-9]+$ ]] && is_port "${1##*:}"; }

# Dynamic allocation takes powers of two.
is_port_count() { [[ $1 =~ ^[0-9]{2,5}$ ]] && [ "$1" -ge 32 ] && [ "$1" -le 65536 ] && [ $(($1 & ($1 - 1))) -eq 0 ]; }

# What is wrong with the value $2 as the kind $1; nothing where it is right.
wrong_value() {
  local must
  case $1 in
    name) must='letters, digits and -'; [[ $2 =~ ^[a-z][a-z0-9-]{0,61}[a-z0-9]$ ]] ;;
    range) must='a network such as 10.140.0.0/24'; is_range "$2" ;;
    ranges) must='networks with commas between them, none larger than a /4'; each_is is_range "$2" ;;
    address) must='an IPv4 address'; is_address "$2" ;;
    vms) must='NAME/ZONE/ADDRESS, several with commas'; each_is is_vm "$2" ;;
    domain) must='a name such as int-proxy.example.com'; [[ $2 =~ ^[a-z0-9-]+(\.[a-z0-9-]+)+$ ]] ;;
    size) must='a size such as 50GB'; [[ $2 =~ ^[0-9]+GB$ ]] ;;
    count) must='a number from 1 to 1000'; [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] && [ "$2" -le 1000 ] ;;
    ports) must='a power of two from 32 to 65536'; is_port_count "$2" ;;
    port) must='a port'; is_port "$2" ;;
    portlist) must='ports with commas between them'; each_is is_port "$2" ;;
    exceptions) must='NETWORK:PORT, several with commas'; each_is is_exception "$2" ;;
    share) must='a share such as 0.6'; [[ $2 =~ ^0\.[0-9]{1,2}$ ]] ;;
    bucket) must='a folder such as gs://BUCKET/FOLDER'; [[ $2 =~ ^gs://[a-z0-9][a-z0-9._/-]+[a-z0-9]$ ]] ;;
    target) must='host:port'; is_target "$2" ;;
    url) must='http://HOST:PORT or https://HOST:PORT'; [[ $2 =~ ^https?://[A-Za-z0-9.-]+:[0-9]+$ ]] ;;
    moment) must='a moment such as 2026-11-23T10:00+08:00'; [[ $2 =~ ^[0-9T:+-]+Z?$ ]] ;;
    path) must='an absolute path'; [[ $2 =~ ^/[A-Za-z0-9._/-]+$ ]] ;;
    *) must="one of $1"; [[ $2 =~ ^[a-z]+$ && /$1/ == */"$2"/* ]] ;;
  esac || printf %s "$must"
}

# load_settings KEY...: reads the file of settings, which is never executed, and asks for these keys. All that is wrong is said at once.
load_settings() {
  local line number=0
  [ -n "$settings" ] || misused '--settings FILE is needed; settings.example.env is where to begin'
  [ -r "$settings" ] || { printf 'Cannot read the settings "%s": name the file that is there (deploy/deploy sends it beside vm/), or begin with a copy of vm/settings.example.env\n' "$settings" >&2; exit "$NO_INPUT"; }
  table=$'\n'$(known_settings)
  # What the caller's environment has by these names is not meant.
  while IFS='|' read -r line _; do unset -v "$line"; done < <(known_settings)
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in '' | '#'*) ;; *) take_setting "$settings:$number" "$line" ;; esac
  done <"$settings"
  take_defaults " $* "
  [ "$wrong" -eq 0 ] || exit "$CONFIGURATION"
}

take_setting() {
  local key=${2%%=*} value=${2#*=} must known
  if [ "$key" = "$2" ] || ! [[ $key =~ ^[A-Z_]+$ && $table$'\n' == *$'\n'"$key|"* ]]; then
    cross "$1: \"${2%%=*}\" is no setting" 'write KEY=value, without spaces or quotes, and only keys of vm/settings.example.env'
    return
  fi
  [ -n "$value" ] || return 0
  known=${table#*$'\n'"$key|"}
  known=${known%%$'\n'*}
  must=$(wrong_value "${known#*|}" "$value")
  [ -z "$must" ] || cross "$1: $key is \"$value\", and must be $must" "correct it in $settings"
  printf -v "$key" %s "$value"
}

take_defaults() {
  local key default
  while IFS='|' read -r key default _; do
    [ -z "${!key:-}" ] || continue
    # One that has no default and need not be given may be needed here.
    case ${default:--}:$1 in
      -:*" $key "*) cross "$settings: $key is missing" 'vm/settings.example.env says what it is for' ;;
      -:*) printf -v "$key" '' ;;
      *) printf -v "$key" %s "$default" ;;
    esac
  done < <(known_settings)
}
