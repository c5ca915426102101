# shellcheck shell=bash
# What install.sh and rollback share on the machine itself: what is kept, and how a configuration is checked, put in place and waited for.
# Sourced after lib.sh. Paths begin with $ROOT, which is empty but in a test.
# shellcheck disable=SC2154

ROOT=${WEIR_ROOT:-}
readonly ETC=$ROOT/etc/weir
# Only root reads it: a configuration may name what is secret, and keys are kept with it.
readonly KEPT=$ROOT/var/lib/weir-install
# Where systemd shows the service its credentials.
readonly CREDENTIALS=/run/credentials/weir.service
readonly KEEP=10
# Folders of /etc are for the service to read, whatever whoever calls has; what is root's alone is set so below.
umask 022

need_root() {
  [ -n "$ROOT" ] || [ "$(id -u)" -eq 0 ] || stop 'Not root' 'start it with sudo'
}

# One of install.sh and rollback at a time has the machine, until its process has ended, however it does: also one whose caller is gone.
take_turn() {
  local lock=$KEPT/lock other
  [ -z "$dry_run" ] || return 0
  { mkdir -p "$KEPT" && chmod 700 "$KEPT" && exec 9>>"$lock"; } || stop "Cannot write $lock" "see how much room $KEPT has"
  # What a run that was killed had started ends a moment later.
  if ! flock --wait 2 9; then
    other=$(cat "$lock")
    stop "Another vm/install.sh or vm/rollback is at work on this machine: process $other" \
      "wait until it has ended, or end it: kill $other; then start this again" "$FOUND_WRONG"
  fi
  echo "$$" >"$lock"
}

# Version of the package that is installed; nothing where none is.
installed_version() {
  # shellcheck disable=SC2016
  dpkg-query --showformat='${db:Status-Status} ${Version}' --show weir 2>/dev/null | sed -n 's/^installed //p'
}

# Whether what is installed was installed of the package FILE: its version, and by dpkg's sums its files, as two builds may have one version.
is_installed() {
  [ "$(installed_version)" = "$(dpkg-deb --field "$1" Version)" ] &&
    [ "$(dpkg-query --control-show weir md5sums 2>/dev/null)" = "$(dpkg-deb --info "$1" md5sums 2>/dev/null)" ]
}

# put FILE TARGET MODE GROUP: whole or not at all, so that what watches it never reads half.
put() {
  local owner=(-o root -g "$4")
  [ -z "$ROOT" ] || owner=()
  change install -m "$3" ${owner[@]+"${owner[@]}"} -- "$1" "$2.new" && change mv -f -- "$2.new" "$2"
}

# What /etc/weir is now, without its keys, as the newest of what is kept; the oldest goes, but not the one that it is to be gone back to.
# Nothing where it is what was kept last.
keep_configuration() {
  local last number new=$KEPT/configurations/new
  [ -e "$ETC/weir.yaml" ] || return 0
  last=$(kept_configurations | head -n 1)
  if [ -n "$last" ] && diff -rq --exclude=keys "$ETC" "$KEPT/configurations/$last" >/dev/null 2>&1; then return 0; fi
  number=$(printf '%06d' $((10#${last:-0} + 1)))
  change mkdir -p "$KEPT/configurations" && change chmod 700 "$KEPT" && change rm -rf "$new" &&
    change cp -a "$ETC" "$new" && change rm -rf "$new/keys" && change mv "$new" "$KEPT/configurations/$number" || return 1
  for last in $(kept_configurations | tail -n +$((KEEP + 1)) | grep -vx "${to:-none}"); do change rm -rf "$KEPT/configurations/$last"; done
}

# Newest first.
kept_configurations() {
  find "$KEPT/configurations" -mindepth 1 -maxdepth 1 -name '[0-9]*' -printf '%f\n' 2>/dev/null | sort -r
}

# keep_package FILE VERSION: another build of that version goes on under a name that no version has.
keep_package() {
  local kept=$KEPT/packages/$2.deb sum
  change mkdir -p "$KEPT/packages" && change chmod 700 "$KEPT" || return 1
  if ! cmp -s "$1" "$kept"; then
    if [ -e "$kept" ]; then
      sum=$(sha256sum -- "$kept")
      change mv -f -- "$kept" "$KEPT/packages/build-${sum:0:8}-of-$2.deb" || return 1
    fi
    change cp -- "$1" "$kept.new" && change mv -f "$kept.new" "$kept" || return 1
  fi
  change touch "$kept"
}

# Names of packages, mostly versions, that of the newest install first.
kept_versions() {
  find "$KEPT/packages" -name '*.deb' -printf '%T@ %f\n' 2>/dev/null | sort -rn | sed 's/^[^ ]* //; s/\.deb$//'
}

# check_configuration PROGRAM FOLDER KEYS...: by `weir check`, with the tests beside it. Keys that systemd shows to the service only are
# where they are kept: for the check a copy names them there. Of two keys of a name the later one counts. The copy is root's alone whoever has
# the folder, nothing is written through a link of that one, and it goes also where the check is broken off.
check_configuration() (
  local copy status said program=$1 folder=$2
  shift 2
  umask 077
  copy=$(mktemp -d) && trap 'rm -rf "$copy"' EXIT && cp -R "$folder/." "$copy/" && rm -rf "$copy/keys" "$copy/weir.yaml" &&
    mkdir "$copy/keys" || return 1
  for said; do [ ! -d "$said" ] || cp -R "$said/." "$copy/keys/"; done
  sed "s|$CREDENTIALS/|$copy/keys/|g" "$folder/weir.yaml" >"$copy/weir.yaml"
  said=$("$program" check "$copy/weir.yaml" 2>&1)
  status=$?
  # What it says names lines of the file, and never what a key has in it.
  [ "$status" -eq 0 ] || printf '%s\n' "${said//"$copy"/$folder}" | head -n 20 >&2
  return "$status"
)

# place FOLDER KEYS: what is in the folder becomes /etc/weir, the configuration last: Weir reads it again by itself, and then all that it
# names is there. What /etc/weir has beside it stays.
place() {
  local file name
  change mkdir -p "$ETC/keys" && change chmod 700 "$ETC/keys" || return 1
  while IFS= read -r file; do
    name=${file#"$1"/}
    case $name in */*) change mkdir -p "$ETC/${name%/*}" ;; esac
    put "$file" "$ETC/$name" 640 weir || return 1
  done < <(find "$1" -type f ! -path "$1/weir.yaml" ! -path "$1/keys/*" | sort)
  if [ -n "$2" ]; then
    for file in "$2"/*; do put "$file" "$ETC/keys/${file##*/}" 600 root || return 1; done
  fi
  put "$1/weir.yaml" "$ETC/weir.yaml" 640 weir
}

# write_dropins KEYS: what hands keys over to the service, those of the folder too, and another port to the socket.
write_dropins() {
  local units=$ROOT/etc/systemd/system key lines='' port=''
  for key in "$ETC"/keys/* ${1:+"$1"/*}; do
    [ ! -f "$key" ] || [[ $lines == *"=${key##*/}:"* ]] || lines+="LoadCredential=${key##*/}:/etc/weir/keys/${key##*/}\n"
  done
  [ "$PROXY_PORT" = 3128 ] || port="[Socket]\nListenStream=\nListenStream=0.0.0.0:$PROXY_PORT\n"
  write_unit "$units/weir.service.d/keys.conf" "${lines:+[Service]\n$lines}" && write_unit "$units/weir.socket.d/port.conf" "$port"
}

# write_unit FILE TEXT: with \n for each end of a line; no file where there is no text.
write_unit() {
  if [ -n "$2" ]; then
    # shellcheck disable=SC2016
    change mkdir -p "${1%/*}" && change sh -c 'printf %b "$1" >"$2"' write "$2" "$1"
  elif [ -e "$1" ]; then
    change rm -f "$1"
  fi
}

# Whether systemd opens the port for it: only where the configuration says so, or each would take it from the other.
has_socket() {
  grep -Eq 'systemd:[a-z]' "${configuration:-$ETC}/weir.yaml" && [ -e "$ROOT/lib/systemd/system/weir.socket" ]
}

# Whether systemd has a port now.
socket_is_open() { systemctl is-active --quiet weir.socket; }

# Whether it has the one of the settings: what the unit says counts only once it is started anew.
socket_has_port() { socket_is_open && [ -n "$(ss -Hltn "sport = :$PROXY_PORT")" ]; }

# A key that changed, and a new program, are taken up by a restart. --no-block: the old process may drain for a quarter of an hour. A port
# that changes hands is free only once the old one has ended.
start_service() {
  change systemctl daemon-reload || return 1
  if has_socket; then
    # Both at once: a client would start the service again by its socket.
    socket_has_port || change systemctl stop weir.socket weir.service || return 1
    change systemctl enable --quiet weir.socket && change systemctl start weir.socket || return 1
  elif socket_is_open; then
    change systemctl stop weir.socket weir.service && change systemctl disable --quiet weir.socket || return 1
  fi
  change systemctl enable --quiet weir.service && change systemctl restart --no-block weir.service
}

# start_again SECONDS: another start, until it is ready.
start_again() {
  before=$(invocation)
  do_it 'Weir is started' 'journalctl -u weir -n 50' start_service
  [ -n "$dry_run" ] || wait_ready "$1" || stop "Weir is not ready after $1 s" "journalctl -u weir -n 50; ${if_not_ready:-}"
}

# take_up SECONDS: what was placed is in force, by itself or, where a key needs it, by a restart.
take_up() {
  local wanted
  [ -z "$dry_run" ] || return 0
  wanted=$(policy_of_file)
  if [ "$(policy_in_force "$wanted")" != "$wanted" ]; then
    note 'The running Weir does not take it up: it is started anew'
    start_again "$1"
  fi
}

policy_of_file() { weir check "$ETC/weir.yaml" 2>/dev/null | sed -n 's/.*policy \([0-9a-f]\{64\}\).*/\1/p' | head -n 1; }

# policy_in_force WANTED: a file that changed is in force within a second or two; waits for it that long.
policy_in_force() {
  local found='' try
  for try in 1 2 3 4 5; do
    found=$(curl -fsS --noproxy '*' --max-time 5 "http://127.0.0.1:$ADMIN_PORT/metrics" 2>/dev/null |
      sed -n 's/^weir_policy_info{[^}]*hash="\([0-9a-f]*\)".*/\1/p' | head -n 1)
    [ "$found" != "$1" ] || break
    [ "$try" = 5 ] || sleep "${WEIR_POLL:-1}"
  done
  printf %s "$found"
}

# wait_ready SECONDS: until it is active by another start than $before, and ready. Looks at least once.
wait_ready() {
  local deadline=$((SECONDS + $1)) state
  while :; do
    state=$(systemctl show --property=ActiveState --value weir.service)
    [ "$state" != failed ] || return 1
    if [ "$state" = active ] && [ "$(invocation)" != "$before" ] && weir health --address "127.0.0.1:$ADMIN_PORT" >/dev/null 2>&1; then
      return 0
    fi
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep "${WEIR_POLL:-1}"
  done
}

# Which start of the service runs.
invocation() { systemctl show --property=InvocationID --value weir.service; }

# What is begun and must be done, also by another run of this: nothing else tells that what runs is not yet what is installed.
begun() { cat "$KEPT/begun" 2>/dev/null; }

begin() {
  # shellcheck disable=SC2016
  change mkdir -p "$KEPT" && change chmod 700 "$KEPT" && change sh -c 'printf "%s\n" "$1" >"$2"' begin "$1" "$KEPT/begun"
}

done_with_it() { [ ! -e "$KEPT/begun" ] || change rm -f "$KEPT/begun"; }
