# `cmake --install` puts the daemon, its configuration and its unit in their places.
set(TIERCEL_SYSCONFDIR "/etc/tiercel" CACHE PATH "Where the configuration is installed.")
set(TIERCEL_SYSTEMD_DIR "lib/systemd/system" CACHE PATH "Where the unit is installed.")
install(TARGETS tiercel RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES config/tiercel.yaml rules/k8s_audit_rules.yaml DESTINATION ${TIERCEL_SYSCONFDIR})
install(DIRECTORY DESTINATION ${TIERCEL_SYSCONFDIR}/rules.d)
install(DIRECTORY DESTINATION ${TIERCEL_SYSCONFDIR}/config.d)
install(DIRECTORY config/kube-apiserver DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel)
install(DIRECTORY config/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/config)
install(FILES config/reference.yaml config/schema.json config/README.md
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/config)
install(FILES packaging/grafana/tiercel.json DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/grafana)
install(FILES packaging/prometheus/tiercel.rules.yaml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tiercel/prometheus)
install(FILES packaging/systemd/tiercel.service packaging/systemd/tiercel.socket DESTINATION ${TIERCEL_SYSTEMD_DIR})
install(FILES packaging/systemd/tiercel.sysusers DESTINATION lib/sysusers.d RENAME tiercel.conf)
install(FILES packaging/systemd/tiercel.tmpfiles DESTINATION lib/tmpfiles.d RENAME tiercel.conf)
install(FILES packaging/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME OPERATING.md)
install(FILES README.md LICENSE CHANGELOG.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
