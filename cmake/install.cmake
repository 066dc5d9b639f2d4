include(CMakePackageConfigHelpers)

install(TARGETS viba EXPORT viba-targets FILE_SET HEADERS)
install(TARGETS viba_app)
set_target_properties(viba_app PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY assets/backgrounds assets/sample DESTINATION "${CMAKE_INSTALL_DATADIR}/viba"
  FILES_MATCHING PATTERN "*.jpg" PATTERN "*.mp4")

# What the distribution did not bring goes along, where the library looks first.
install(DIRECTORY "${VIBA_DEPS_DIR}/models" DESTINATION "${CMAKE_INSTALL_DATADIR}/viba" OPTIONAL
  FILES_MATCHING PATTERN "*.tflite")
foreach(file ${VIBA_RUNTIME_FILES})
  install(FILES "${VIBA_RUNTIME_DIR}/${file}" DESTINATION lib/viba OPTIONAL)
endforeach()

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/viba")
install(EXPORT viba-targets NAMESPACE viba:: DESTINATION "${package_dir}")
configure_package_config_file(cmake/viba-config.cmake.in viba-config.cmake INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(viba-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/viba-config.cmake" "${PROJECT_BINARY_DIR}/viba-config-version.cmake"
  DESTINATION "${package_dir}")

# From LIBDIR/pkgconfig, which may be lib/TRIPLET/pkgconfig, back up to the prefix.
file(RELATIVE_PATH up_from_pkgconfig "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/viba.pc.in viba.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/viba.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
