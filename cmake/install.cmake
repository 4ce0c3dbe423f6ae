include(CMakePackageConfigHelpers)

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

if(NOT KINDRED_CUDA)
  set(without_cuda PATTERN "cuda.hpp" EXCLUDE)
endif()
install(DIRECTORY include/kindred DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp" ${without_cuda})
install(FILES ${PROJECT_BINARY_DIR}/include/kindred/version.hpp ${PROJECT_BINARY_DIR}/include/kindred/export.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/kindred)
install(TARGETS kindred EXPORT kindred_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(KINDRED_MODULE_TARGETS)
  install(TARGETS ${KINDRED_MODULE_TARGETS} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/kindred)
endif()
if(NOT BUILD_SHARED_LIBS)
  install(TARGETS kindred_internal_dependencies EXPORT kindred_targets)
endif()
if(KINDRED_BUILD_CLI)
  install(TARGETS kindred_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(EXPORT kindred_targets NAMESPACE kindred:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kindred)
configure_package_config_file(cmake/kindred-config.cmake.in ${PROJECT_BINARY_DIR}/kindred-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kindred)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/kindred-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/kindred-config.cmake ${PROJECT_BINARY_DIR}/kindred-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kindred)
