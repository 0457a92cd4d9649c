#!/bin/sh
# header.sh INCLUDE_DIR: the public header is C99 and C++ clean.
set -eu
printf '#include <sunmao/sunmao.h>\n' | ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -I"$1" -fsyntax-only -xc -
printf '#include <sunmao/sunmao.h>\n' | ${CXX:-c++} -std=c++17 -pedantic -Wall -Wextra -Werror -I"$1" -fsyntax-only -xc++ -
