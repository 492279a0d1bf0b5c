# What `cmake --install` puts beside the libraries and tools: headers, TableGen
# sources and what was made of them, the CMake package, the licence.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
include(CMakePackageConfigHelpers)

install(DIRECTORY include/attn include/attn-c COMPONENT attn-dev
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
install(DIRECTORY ${CMAKE_BINARY_DIR}/include/attn COMPONENT attn-dev
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN CMakeFiles EXCLUDE)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/attn)
configure_package_config_file(cmake/AttnConfig.cmake.in
  ${CMAKE_BINARY_DIR}/cmake/AttnConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cmake/AttnConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cmake/AttnConfig.cmake
  ${CMAKE_BINARY_DIR}/cmake/AttnConfigVersion.cmake
  COMPONENT attn-dev DESTINATION ${package_dir})
install(EXPORT AttnTargets COMPONENT attn-dev DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT attn-dev)
