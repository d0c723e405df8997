#!/bin/sh
# Builds cells.c into the folder given: `cells` for this machine, with EGL, and
# `cells-armhf`, without, where there is a cross compiler for 32-bit Arm.
# Needs libdrm-dev, libegl-dev, libgles-dev and libgbm-dev.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
here=$(dirname -- "$0")
flags='-std=gnu11 -O2 -Wall -Wextra -D_FILE_OFFSET_BITS=64'
mkdir -p -- "$1"
# shellcheck disable=SC2086 # a list of flags
${CC:-cc} $flags -o "$1/cells" "$here/cells.c" -lEGL -lGLESv2 -lgbm
cross=arm-linux-gnueabihf-gcc
if command -v "$cross" >/dev/null; then
	# 64-bit time: V4L2's buffer ioctls then carry the numbers that every kernel has.
	# shellcheck disable=SC2086
	"$cross" $flags -D_TIME_BITS=64 -DNO_EGL -o "$1/cells-armhf" "$here/cells.c"
else
	echo "$cross not found: no cells-armhf (Debian: gcc-arm-linux-gnueabihf)" >&2
fi
