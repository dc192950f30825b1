# `cmake --install`: the libraries as orrery::NAME, their headers as <orrery/NAME/...>, the command
# when it was built, and what find_package(orrery) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY ORRERY_MODULES)
foreach(module IN LISTS modules)
  install(TARGETS orrery_${module} EXPORT orreryTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${module}/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/orrery/${module}" FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(TARGETS orrery_options EXPORT orreryTargets)
if(TARGET orrery)
  install(TARGETS orrery RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/orrery")
install(EXPORT orreryTargets NAMESPACE orrery:: DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/orreryConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/orreryConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/orreryConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/orreryConfig.cmake"
  "${PROJECT_BINARY_DIR}/orreryConfigVersion.cmake" DESTINATION "${package_dir}")
