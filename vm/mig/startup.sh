#!/bin/bash
# Runs at each start of a machine of the group, from its metadata: fetches what to install from the bucket, and keys from Secret Manager, and
# has vm/install.sh do the rest. Where that fails before Weir is started, the machine never becomes ready, and gets no traffic. What
# vm/verify finds wrong afterwards takes no ready machine out: the serial port says both.
set -euo pipefail
umask 077

usage() {
  cat <<'TEXT'
vm/mig/startup.sh [--dry-run]

The start script of a machine that vm/mig/create.sh makes: installs what its metadata names. vm/mig/README.md says what that is.

  --dry-run  Fetch and check everything, print the commands that would change something, one a line, and change nothing. It needs
             the libraries of the package, which a start installs

Exit codes: those of vm/install.sh; 64 usage.

Examples:
  sudo bash startup.sh --dry-run   Copied to a machine of the group: what its next start would do
TEXT
}

dry_run=()
case $# in
  0) ;;
  1)
    case $1 in
      --help) usage; exit 0 ;;
      --dry-run) dry_run=(--dry-run) ;;
      *) printf 'Cannot run: there is no "%s"\n\n' "$1" >&2; usage >&2; exit 64 ;;
    esac ;;
  *) printf 'Cannot run: it takes --dry-run, and nothing else\n\n' >&2; usage >&2; exit 64 ;;
esac

source=$(curl -fsS -H 'Metadata-Flavor: Google' 'http://169.254.169.254/computeMetadata/v1/instance/attributes/weir-source')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The folder has: weir.deb, SHA256 (its sum), settings.env, tier-2/ (weir.yaml and what it names), vm/ (these scripts), and KEYS, which
# names one key a line.
gcloud storage rsync --recursive --quiet "$source" "$work"
mkdir "$work/keys"
while read -r key || [ -n "$key" ]; do
  [ -z "$key" ] || gcloud secrets versions access latest --secret="weir-${key//./-}" --out-file="$work/keys/$key" --quiet
done <"$work/KEYS"

# Prints a command in a dry run, else runs it.
change() { if [ ${#dry_run[@]} -gt 0 ]; then printf '%s\n' "$*"; else "$@"; fi; }

# Its own boot disk keeps what was installed, so that a second start installs nothing.
keys=()
[ -z "$(ls "$work/keys")" ] || keys=(--keys "$work/keys")
# A new machine knows no package yet; one that has them asks no mirror at its start.
if ! dpkg-query --show libatomic1 libstdc++6 >/dev/null 2>&1; then
  change apt-get update
  change apt-get install -y --no-install-recommends libatomic1 libstdc++6
fi
bash "$work/vm/install.sh" --settings "$work/settings.env" --package "$work/weir.deb" --sha256 "$(cut -c1-64 "$work/SHA256")" \
  --configuration "$work/tier-2" ${keys[@]+"${keys[@]}"} ${dry_run[@]+"${dry_run[@]}"}
