#!/bin/sh
# libm.sh LIBRARY: nothing is taken from libm whose last bit differs from processor to processor:
# of its functions only the exact ones (roots, roundings) and logf, which was compared for every float
# (docs/measurements.md).  For e^x and ln x there are sm_exp, sm_expf and sm_log.
set -eu
inexact='(exp|log|pow|exp2|log2|exp10|log10|expm1|log1p|cbrt|hypot|a?(sin|cos|tan)h?|atan2|erfc?|[lt]gamma)'
if nm -D --undefined-only "$1" | awk '{print $2}' | sed 's/@.*//' | grep -xE "$inexact[fl]?" | grep -vx logf; then
    echo "$1: the last bit of these differs from processor to processor" >&2
    exit 1
fi
