# tiercel_options: what every target of ours is compiled with.
add_library(tiercel_options INTERFACE)
add_library(tiercel::options ALIAS tiercel_options)
target_compile_features(tiercel_options INTERFACE cxx_std_20)
target_include_directories(tiercel_options INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_options(tiercel_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wunused-result
  # GCC 12 warns of std::string's own operator+ (gcc.gnu.org/PR105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${TIERCEL_WARNINGS_AS_ERRORS}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Werror=thread-safety>
  -fstack-protector-strong -fPIE
  # The folder of the build stays out of the daemon: __FILE__ is told from the top of the tree.
  -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT TIERCEL_SANITIZE)
  target_compile_options(tiercel_options INTERFACE -fstack-clash-protection)
  target_compile_definitions(tiercel_options INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
endif()
target_link_options(tiercel_options INTERFACE -pie -Wl,-z,relro,-z,now)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

if(TIERCEL_SANITIZE)
  list(JOIN TIERCEL_SANITIZE "," tiercel_sanitizers)
  target_compile_options(tiercel_options INTERFACE
    -fsanitize=${tiercel_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # Clang 14 cannot place its check of function types beside a coroutine's parts.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(tiercel_options INTERFACE -fsanitize=${tiercel_sanitizers})
  target_compile_definitions(tiercel_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
# Coverage of every library of ours guides the fuzzer; only the targets link its main().
if(TIERCEL_FUZZ_ENGINE)
  target_compile_options(tiercel_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(tiercel_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A compiler cache where there is one; a build without it is only slower.
find_program(TIERCEL_CCACHE ccache)
if(TIERCEL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TIERCEL_CCACHE})
endif()
