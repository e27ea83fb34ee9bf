# `cmake --install` puts the daemon, its configuration and its unit in their places.
set(TIERCEL_SYSCONFDIR "/etc/tiercel" CACHE PATH "Where the configuration is installed.")
set(TIERCEL_SYSTEMD_DIR "lib/systemd/system" CACHE PATH "Where the unit is installed.")
# `install` and packages need the daemon alone, not every test.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS tiercel RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES config/tiercel.yaml rules/k8s_audit_rules.yaml DESTINATION ${TIERCEL_SYSCONFDIR})
install(DIRECTORY DESTINATION ${TIERCEL_SYSCONFDIR}/rules.d)
install(DIRECTORY DESTINATION ${TIERCEL_SYSCONFDIR}/config.d)
install(DIRECTORY config/kube-apiserver config/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/config)
install(DIRECTORY packaging/kubernetes packaging/helm DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel)
install(FILES config/reference.yaml config/schema.json config/README.md config/templates.md
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/config)
install(FILES rules/README.md rules/fields.md rules/operators.md rules/redaction.md
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/rules)
file(GLOB tiercel_units CONFIGURE_DEPENDS packaging/systemd/*.service packaging/systemd/*.socket)
install(FILES ${tiercel_units} DESTINATION ${TIERCEL_SYSTEMD_DIR})
install(FILES packaging/systemd/read-root-only-log.conf
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/systemd)
# What makes the image of the installed package.
install(PROGRAMS packaging/bundle.sh packaging/libraries.sh packaging/docker/image-root.sh
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel)
install(FILES packaging/owners.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel)
install(FILES packaging/grafana/tiercel.json DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/grafana)
install(FILES packaging/prometheus/tiercel.rules.yaml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/prometheus)
install(FILES packaging/systemd/tiercel.sysusers DESTINATION lib/sysusers.d RENAME tiercel.conf)
install(FILES packaging/systemd/tiercel.tmpfiles DESTINATION lib/tmpfiles.d RENAME tiercel.conf)
install(FILES packaging/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME OPERATING.md)
install(FILES README.md SECURITY.md packaging/metrics.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/deb/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(FILES packaging/completion/tiercel.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tiercel)
install(FILES packaging/completion/_tiercel DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES packaging/completion/tiercel.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# tiercel_install_gzip(<file> <folder> <name>): without name and time of the file, so that two
# builds give the same bytes.
find_program(TIERCEL_GZIP gzip REQUIRED)
function(tiercel_install_gzip file folder name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${file})
  set(packed ${PROJECT_BINARY_DIR}/packed/${name}.gz)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/packed)
  execute_process(COMMAND ${TIERCEL_GZIP} -9nc ${PROJECT_SOURCE_DIR}/${file}
                  OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${packed} DESTINATION ${folder})
endfunction()
tiercel_install_gzip(packaging/man/tiercel.8 ${CMAKE_INSTALL_MANDIR}/man8 tiercel.8)
tiercel_install_gzip(packaging/man/tiercel.yaml.5 ${CMAKE_INSTALL_MANDIR}/man5 tiercel.yaml.5)
tiercel_install_gzip(CHANGELOG.md ${CMAKE_INSTALL_DOCDIR} changelog)
tiercel_install_gzip(packaging/deb/changelog ${CMAKE_INSTALL_DOCDIR} changelog.Debian)
