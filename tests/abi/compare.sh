#!/bin/sh
# compare.sh LIBRARY LIST: the exported symbols are exactly those of the list.
set -eu
nm -D --defined-only "$1" | awk '{print $3}' | sort | diff -u "$2" -
