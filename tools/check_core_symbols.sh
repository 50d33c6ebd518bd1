#!/usr/bin/env bash
# Refuses an archive of core/ that could reach outside, by reading its symbols.
#
#     check_core_symbols.sh ARCHIVE
#
# Net three of core's purity: it sees what the compiler made, whatever the source looked like.
# First what core_symbols.txt names as impure, wherever it appears; then everything undefined that
# is neither defined in the archive itself nor on the list of what a pure function needs.
set -euo pipefail
export LC_ALL=C

archive="${1:?usage: check_core_symbols.sh ARCHIVE}"
[ -f "$archive" ] || { echo "$archive: no such file" >&2; exit 2; }

rules="$(dirname "${BASH_SOURCE[0]}")/core_symbols.txt"
any_of() { awk -v kind="$1" '$1 == kind { print $2 }' "$rules" | paste -sd '|'; }

# TYPE OBJECT SYMBOL, one line each.
symbols="$(nm -A "$archive" | sed -E 's/^[^:]*:([^:]+):[0-9a-f ]*([A-Za-z]) (.*)$/\2 \1 \3/')"
[ -n "$symbols" ] || { echo "$archive: no symbols" >&2; exit 2; }

undefined="$(awk -v deny="^($(any_of deny))\$" -v allow="^($(any_of allow))\$" \
  -v print_rule="^($(any_of print))\$" '
  FNR == NR { if ($1 !~ /^[Uw]$/) own[$3] = 1; next }
  $1 !~ /^[Uw]$/ || $3 in own { next }
  $2 ~ /^assert\.cpp/ && $3 ~ print_rule { next }
  $3 ~ deny { print $2 ": " $3 ": impure"; next }
  $3 !~ allow { print $2 ": " $3 ": not on the list of what core may use" }' \
  <(printf '%s\n' "$symbols") <(printf '%s\n' "$symbols" | sort -u))"
named="$(printf '%s\n' "$symbols" | c++filt | sed -E 's/^[A-Za-z] ([^ ]+) (.*)$/\1: \2/' | sort -u |
  grep -E "(^|[^A-Za-z0-9_])($(any_of deny++))" | sed 's/$/: impure/' || true)"

report="$(printf '%s\n%s\n' "$undefined" "$named" | sed '/^$/d' | c++filt | cut -c1-200 | sort -u)"
if [ -n "$report" ]; then
  printf '%s\n' "$report"
  echo "core symbols: $(printf '%s\n' "$report" | wc -l) problems in $archive"
  exit 1
fi
echo "core symbols: clean"
