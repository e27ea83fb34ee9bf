# Compiles for arm64 on a machine of another kind, with Debian's cross compiler and the folder that
# packaging/sysroot.sh makes: -DCMAKE_TOOLCHAIN_FILE=packaging/cmake/aarch64-linux-gnu.cmake
# -DTIERCEL_SYSROOT=FOLDER. What is built runs here where qemu-user-static is installed.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

# CMake reads this file again for each compiler check, which must know the folder too.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TIERCEL_SYSROOT)
if(NOT IS_DIRECTORY "${TIERCEL_SYSROOT}/usr/include")
  message(FATAL_ERROR "TIERCEL_SYSROOT (\"${TIERCEL_SYSROOT}\") is no folder that packaging/sysroot.sh arm64 made")
endif()
set(CMAKE_SYSROOT ${TIERCEL_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${TIERCEL_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
  ${TIERCEL_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${TIERCEL_SYSROOT}/usr/share/pkgconfig)

find_program(TIERCEL_EMULATOR qemu-aarch64-static)
if(TIERCEL_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${TIERCEL_EMULATOR};-L;${TIERCEL_SYSROOT})
endif()
