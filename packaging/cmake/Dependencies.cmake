# Everything comes from Debian packages; nothing is downloaded while configuring.
# packaging/dependencies.txt lists the packages.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
# Its macros would put the folder of the build into the daemon: two builds would differ.
set_property(TARGET OpenSSL::Crypto APPEND PROPERTY
  INTERFACE_COMPILE_DEFINITIONS OPENSSL_NO_FILENAMES)
find_package(ZLIB REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
# The same of its macros, which would also tell of each alert which of our lines wrote it.
set_property(TARGET PkgConfig::SYSTEMD APPEND PROPERTY
  INTERFACE_COMPILE_DEFINITIONS SD_JOURNAL_SUPPRESS_LOCATION)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
find_package(SQLite3 REQUIRED)
find_package(CURL REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats)
