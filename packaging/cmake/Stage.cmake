# Run by CPack once the files stand in their folder, stripped: adds the bill of materials of the
# binary that is shipped, and gives all files the time SOURCE_DATE_EPOCH.
set(stage ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(ENV{TIERCEL_SYSROOT} "${CPACK_TIERCEL_SYSROOT}")
if(CPACK_TIERCEL_CROSS)
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../cross-depends.sh ${stage}/usr/bin/tiercel
                  OUTPUT_VARIABLE depends OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(PREPEND CPACK_DEBIAN_PACKAGE_DEPENDS "${depends}, ")
endif()
execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../sbom.sh ${stage}/usr/bin/tiercel ${CPACK_PACKAGE_VERSION}
                OUTPUT_FILE ${stage}/usr/share/doc/tiercel/sbom.spdx.json COMMAND_ERROR_IS_FATAL ANY)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find ${stage} -exec touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} +
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
