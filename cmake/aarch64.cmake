# A build for aarch64 (Kunpeng, Phytium) on another machine; tools/check-arm64.sh uses it.
#   SUNMAO_SYSROOT     a tree of Debian's arm64 packages
#   SUNMAO_HOST_BUILD  a build for this machine, whose make_t2s writes the table of characters
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SUNMAO_SYSROOT)

if(NOT IS_DIRECTORY "${SUNMAO_SYSROOT}/usr/lib/aarch64-linux-gnu")
  message(FATAL_ERROR "SUNMAO_SYSROOT=${SUNMAO_SYSROOT} is no tree of arm64 packages; see tools/check-arm64.sh")
endif()
set(CMAKE_SYSROOT "${SUNMAO_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# pkg-config sees the tree and nothing of this machine.
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${SUNMAO_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
  "${SUNMAO_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${SUNMAO_SYSROOT}/usr/share/pkgconfig")
set(ENV{PKG_CONFIG_PATH} "")

set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64;-L;${SUNMAO_SYSROOT}")
