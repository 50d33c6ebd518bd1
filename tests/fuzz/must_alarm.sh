#!/usr/bin/env bash
# Runs the command and succeeds when it dies by a signal or an error: the alarm works.
if "$@" >/dev/null 2>&1; then
  echo "the planted defect was not found: $*"
  exit 1
fi
echo "alarm raised, as it must"
