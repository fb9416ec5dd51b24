#!/bin/bash
# Unpacks Docker Engine 28, buildx, containerd 2, crane, oras and cosign from a newer Debian suite into one folder, beside the
# system's own packages. System-wide it installs only runc, tini and iptables, of this machine's suite.
#
#   install-docker.sh DIR      gives DIR/bin/{dockerd,docker,containerd,ctr,crane,oras,cosign}
#
# Root, Debian bookworm or later; about half a minute. A folder that is complete is left as it is.
set -euo pipefail
dir=${1:?usage: install-docker.sh DIR}
suite=${SUITE:-forky}
packages=(docker.io docker-cli docker-buildx containerd crane oras cosign)
[ -e "$dir/complete" ] && [ -x "$dir/bin/cosign" ] && exit 0

mirror=$(awk '/^URIs:/{print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
[ -n "$mirror" ] || mirror=$(awk '/^deb /{for (i = 2; i <= NF; i++) if ($i ~ /^http/) {print $i; exit}}' /etc/apt/sources.list)

if ! command -v runc >/dev/null || [ ! -x /usr/bin/tini-static ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends runc tini iptables >/dev/null
fi

# A package state of its own, so that the newer suite never mixes with the system's packages.
apt=$dir/apt
mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial "$dir/root" "$dir/bin" "$dir/config/cli-plugins"
: >"$apt/state/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get update -qq
(cd "$apt/cache/archives" && apt-get download -qq "${packages[@]}")
for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$dir/root"; done
rm -f "$apt"/cache/archives/*.deb

for binary in "$dir"/root/usr/sbin/* "$dir"/root/usr/bin/*; do ln -sf "$binary" "$dir/bin/$(basename "$binary")"; done
# The newer suite's runc needs a newer C library than this machine has.
ln -sf "$(command -v runc)" "$dir/bin/runc"
ln -sf /usr/bin/tini-static "$dir/bin/docker-init"
ln -sf "$(find "$dir/root" -type f -name docker-buildx -perm -100 | head -1)" "$dir/config/cli-plugins/docker-buildx"
"$dir/bin/dockerd" --version
touch "$dir/complete"
