#!/bin/sh
# Runs a tree's docker feature where every program that would change the machine only records that it was called.
# $1: the folder of this run, with `feature` (the scripts and their context), `stacks` (the volume) and `bin`, in which
# every other name is a link to this file. Prints what was started, one line each: the directory, a tab, the arguments.
case ${0##*/} in
docker-compose) printf '%s\t%s\n' "$PWD" "$*" >>"$RECORD" ;;
docker)
  while [ $# -gt 0 ] && [ "$1" != compose ]; do shift; done
  [ $# = 0 ] || { shift && printf '%s\t%s\n' "$PWD" "$*" >>"$RECORD"; }
  ;;
# Docker is there from its installation on.
apt-get | apt | dpkg) case " $* " in *" install "*docker*) cp "$BIN/docker-compose" "$BIN/docker" ;; esac ;;
systemctl) case " $* " in *is-active*) [ -e "$BIN/docker" ] ;; esac ;;
lsb_release) echo noble ;;
id) echo 0 ;;
getent) echo "docker:x:999:" ;;
run)
  RECORD=$1/record BIN=$1/bin PATH=$1/bin:$PATH
  export RECORD BIN PATH
  cd "$1/feature" || exit
  timeout 20 bash ./feature_install_docker.sh >"$1/said" 2>&1 </dev/null
  code=$?
  tail -n 3 "$1/said" | tr -cd '[:print:]\n' | sed 's/^/said\t/'
  printf 'ended\t%s\n' "$code"
  sed 's/^/ran\t/' "$1/record"
  ;;
*) : ;; # curl, gpg, groupadd, usermod, sleep and the like
esac
