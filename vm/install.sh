#!/usr/bin/env bash
# Installs Weir, or a newer one, on the machine that this runs on: checks everything that can be checked before it changes anything,
# keeps what was there for rollback, and shows at the end that it works. May be broken off and started again.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=lib-machine.sh
. "$(dirname "$0")/lib-machine.sh"

usage() {
  cat <<'TEXT'
vm/install.sh --settings FILE --package FILE.deb --sha256 SUM --configuration FOLDER [--keys FOLDER] [--wait SECONDS] [--dry-run]

On a machine of tier 2, as root: checks the machine, the sum of the package, and the configuration by the program of that package;
installs it, places configuration and keys, sets the kernel up, starts Weir, waits until it is ready, and runs vm/verify.

  --settings FILE         Ports and what is tried at the end: vm/settings.example.env
  --package FILE.deb      What npm run build:deb made
  --sha256 SUM            Its SHA-256, from where the package was built; not from beside the package
  --configuration FOLDER  weir.yaml, its tests and the files that it names; becomes /etc/weir
  --keys FOLDER           Private keys: only root reads them in /etc/weir/keys, and the service by /run/credentials/weir.service/NAME
  --wait SECONDS          How long an old process may drain, and the new one take to be ready (default: 1000)
  --dry-run               Check everything, print the commands that would change something, one a line, and change nothing

Exit codes: 0 it works, 1 a step failed, 64 usage, 66 no such file, 78 settings or configuration are wrong.

Examples:
  vm/install.sh --settings vm/prod.env --package weir_0.1.0-1_amd64.deb --sha256 9f86d0... --configuration tier-2 --keys keys
TEXT
}

package='' sum='' configuration='' keys='' patience=1000

option() {
  case $1 in --package | --sha256 | --configuration | --keys | --wait) [ $# -gt 1 ] || misused "$1 needs a value"; taken=2 ;; esac
  case $1 in
    --package) package=$2 ;;
    --sha256) sum=$2 ;;
    --configuration) configuration=${2%/} ;;
    --keys) keys=${2%/} ;;
    --wait) patience=$2 ;;
  esac
}

check_arguments() {
  if [ -z "$package" ] || [ -z "$sum" ] || [ -z "$configuration" ]; then misused '--package, --sha256 and --configuration are needed'; fi
  [[ $sum =~ ^[0-9a-f]{64}$ ]] || misused "--sha256 is \"$sum\", and must be 64 hexadecimal digits"
  [[ $patience =~ ^[0-9]+$ ]] || misused "--wait is \"$patience\", and must be a number of seconds"
  [ -r "$package" ] || stop "Cannot read $package" 'bring the package here: vm/README.md' "$NO_INPUT"
  [ -r "$configuration/weir.yaml" ] || stop "Cannot read $configuration/weir.yaml" 'name the folder that it is in' "$NO_INPUT"
  [ -n "$keys" ] || return 0
  [ -d "$keys" ] || stop "There is no folder $keys" 'name the folder of the keys' "$NO_INPUT"
  for name in "$keys"/*; do
    [[ -f $name && ${name##*/} =~ ^[A-Za-z0-9._-]+$ ]] || misused "\"$name\" is no file of a key, or its name has more than letters, digits, . _ and -"
  done
}

check_machine() {
  local program version wanted have
  for program in systemctl dpkg dpkg-deb ss curl sha256sum; do
    command -v "$program" >/dev/null || stop "$program is not installed" 'apt-get install systemd dpkg iproute2 curl coreutils'
  done
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 250 ] || stop "systemd is ${version:-unknown}, and 250 is needed" 'use Debian 12 or newer'
  tick "systemd $version"
  wanted=$(dpkg-deb --field "$package" Architecture) have=$(dpkg --print-architecture)
  [ "$wanted" = "$have" ] || stop "The package is for ${wanted:-nothing}, and this machine is $have" 'build it on such a machine'
  tick "Architecture $have"
  check_space /usr 500
  check_space /var 1000
}

# check_space FOLDER MEGABYTES
check_space() {
  local free
  free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -ge "$2" ] || stop "$1 has ${free:-0} MB left, and $2 are needed" 'make room, or give the machine a larger disk'
  tick "$1 has $free MB left"
}

# check_port NUMBER KEY: nobody has it but Weir itself, and systemd for it.
check_port() {
  local name pid
  while IFS=' ' read -r name pid; do
    if [ "$pid" = 1 ]; then continue; fi
    grep -qs weir.service "$ROOT/proc/$pid/cgroup" || stop "Port $1 is held by $name (process $pid)" \
      "to stand beside it, give Weir another port in weir.yaml and as $2 in $settings, move clients over, and stop it then; or stop it now"
  done < <(ss -Hltnp "sport = :$1" | sed 's/("/\n&/g' | sed -n 's/^("\([^"]*\)",pid=\([0-9]*\).*/\1 \2/p')
  tick "Port $1 is free, or Weir's"
}

check_package() {
  local found
  found=$(sha256sum -- "$package") found=${found%% *}
  [ "$found" = "$sum" ] || stop "The sum of $package is $found, wanted $sum" 'do not install it: fetch it again, and see who changed it'
  tick "The sum of $package is right"
  [ "$(dpkg-deb --field "$package" Package)" = weir ] || stop "$package is no package of Weir" 'name the one of npm run build:deb'
  new_version=$(dpkg-deb --field "$package" Version)
}

# By the program that is to be installed, unpacked beside, before anything is changed.
check_new() {
  scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$scratch" ./usr/bin/weir || stop "Cannot unpack $package" 'see how much room /tmp has'
  "$scratch/usr/bin/weir" --version >/dev/null 2>&1 ||
    stop 'The program of the package does not start' 'apt-get install libatomic1 libstdc++6, then start this again'
  check_configuration "$scratch/usr/bin/weir" "$configuration" "$ETC/keys" "$keys" ||
    stop "weir check refuses $configuration" 'mend what it says above; nothing was changed' "$CONFIGURATION"
  tick "weir $new_version accepts $configuration"
}

# Masked meanwhile: the package starts a service that it finds, which has no configuration yet.
install_package() {
  if is_installed "$package"; then
    tick "weir $new_version is installed"
    return
  fi
  do_it 'Weir is held back while it is installed' 'see systemctl status weir' systemctl mask --runtime --quiet weir.service
  do_it "weir $new_version is installed" 'dpkg --configure -a; what it lacks: apt-get --fix-broken install' \
    dpkg --force-confold --force-confdef --install "$package"
}

# The configuration is placed where it is missing or another one; what must be started anew is, and the rest Weir reads by itself.
set_up() {
  do_it 'The configuration so far is kept' "see how much room $KEPT has" keep_configuration
  do_it 'The package is kept' "see how much room $KEPT has" keep_package "$package" "$new_version"
  do_it 'Configuration and keys are in place' 'vm/rollback configuration puts the old ones back' place "$configuration" "$keys"
  do_it 'Units have what belongs to this machine' 'see what /etc/systemd/system has' write_dropins "$keys"
  do_it 'The kernel is set up' 'see /etc/sysctl.d/60-weir.conf' set_kernel
  if [ -z "$starts" ]; then
    take_up "$patience"
    return
  fi
  do_it 'Weir is no longer held back' 'systemctl unmask --runtime weir.service' systemctl unmask --runtime --quiet weir.service
  start_again "$patience"
}

set_kernel() {
  local file=$ROOT/etc/sysctl.d/60-weir.conf
  change mkdir -p "${file%/*}" && put "$here/sysctl.d/60-weir.conf" "$file" 644 root && change sysctl --quiet --load="$file"
}

# Whether a restart is needed: for another program or key, and where it does not run.
must_start() {
  [ -n "$(begun)" ] || ! is_installed "$package" || [ "$(systemctl show --property=ActiveState --value weir.service)" != active ] ||
    { if has_socket; then ! socket_has_port; else socket_is_open; fi; } || { [ -n "$keys" ] && ! has_all "$keys" "$ETC/keys"; }
}

# Whether the machine is already what was asked for.
is_as_wanted() {
  [ -z "$starts" ] && has_all "$configuration" "$ETC" && cmp -s "$package" "$KEPT/packages/$new_version.deb" &&
    cmp -s "$here/sysctl.d/60-weir.conf" "$ROOT/etc/sysctl.d/60-weir.conf"
}

# Whether the folder $2 has each file of the folder $1, the same.
has_all() {
  local file
  while IFS= read -r file; do cmp -s "$file" "$2/${file#"$1"/}" || return 1; done < <(find "$1" -type f)
}

main() {
  here=$(cd "$(dirname "$0")" && pwd)
  parse_options "$@"
  check_arguments
  load_settings CLIENT_ADDRESS PERMITTED REFUSED
  need_root
  take_turn
  if_not_ready='vm/rollback puts the old one back'
  check_machine
  check_port "$PROXY_PORT" PROXY_PORT
  check_port "$ADMIN_PORT" ADMIN_PORT
  check_package
  check_new
  starts=
  if must_start; then starts=yes; fi
  if is_as_wanted; then
    tick 'Everything is in place, and Weir runs'
  else
    [ -z "$starts" ] || do_it 'It is noted what is begun' "see how much room $KEPT has" begin "install $new_version"
    install_package
    set_up
  fi
  if [ -n "$dry_run" ]; then
    quoted bash "$here/verify" --settings "$settings"
  else
    done_with_it
    # By bash: what comes out of a bucket may not be executable.
    bash "$here/verify" --settings "$settings" || stop 'What was installed does not hold' 'what is wrong is said above; vm/rollback puts the old one back'
  fi
  finish 'Next: let tier 1 have this machine as a peer'
}

main "$@"
