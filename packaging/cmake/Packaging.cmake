# `cpack -G DEB` in the build folder makes the Debian package. With SOURCE_DATE_EPOCH set, two
# builds give the same bytes.
set(TIERCEL_PACKAGE_RELEASE 1 CACHE STRING "Debian revision of the package.")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tiercel)
set(CPACK_PACKAGE_VENDOR "The tiercel authors")
set(CPACK_PACKAGE_CONTACT "The tiercel authors <packages@tiercel.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/cmake/Stage.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${TIERCEL_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers | systemd-sysusers, systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "detection on the Kubernetes audit stream")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"tiercel takes the audit batches that kube-apiserver posts, runs them through
rules in Falco's rule language, and tells whoever should know: files, the
journal, syslog, HTTP endpoints, chats, pagers and queues. An alert is on disk
before its batch is acknowledged.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# What scripts ask of a build that may be for another architecture, whose Debian stands in CMAKE_SYSROOT.
set(TIERCEL_PROCESSOR ${CMAKE_SYSTEM_PROCESSOR} CACHE INTERNAL "What the daemon runs on.")
set(TIERCEL_SYSROOT "${CMAKE_SYSROOT}" CACHE INTERNAL "The Debian that it is built for.")
set(CPACK_TIERCEL_SYSROOT "${CMAKE_SYSROOT}")
if(CMAKE_CROSSCOMPILING)
  set(name_x86_64 amd64)
  set(name_aarch64 arm64)
  if(NOT DEFINED name_${CMAKE_SYSTEM_PROCESSOR})
    message(FATAL_ERROR "Packages for ${CMAKE_SYSTEM_PROCESSOR} cannot be made here.")
  endif()
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${name_${CMAKE_SYSTEM_PROCESSOR}})
  # dpkg-shlibdeps knows this machine's packages alone: Stage.cmake says what the package depends on.
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS OFF)
  set(CPACK_TIERCEL_CROSS ON)
endif()

set(deb ${PROJECT_SOURCE_DIR}/packaging/deb)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${deb}/conffiles ${deb}/postinst ${deb}/prerm ${deb}/postrm)
include(CPack)

# `cmake --build … --target sbom`: the bill of materials beside the binary.
add_custom_target(sbom
  COMMAND ${CMAKE_COMMAND} -E env "TIERCEL_SYSROOT=${TIERCEL_SYSROOT}"
          ${PROJECT_SOURCE_DIR}/packaging/sbom.sh $<TARGET_FILE:tiercel> ${PROJECT_VERSION}
          > ${PROJECT_BINARY_DIR}/tiercel.spdx.json
  VERBATIM)
add_dependencies(sbom tiercel)
