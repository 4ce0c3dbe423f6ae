# Parts of the library that are shared libraries of their own, libkindred_NAME.so in the folder `kindred` beside the
# library, and loaded at run time: each level of the processor, and the CUDA backend, which thus costs nothing where
# there is no GPU. A static kindred has them inside.
include(GNUInstallDirs)
set(KINDRED_LIBRARY_DIR ${PROJECT_BINARY_DIR}/lib)  # as it will be installed, with programs in bin
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(KINDRED_LIBRARY_DIR ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR})
endif()
set(KINDRED_MODULE_TARGETS "")
set(KINDRED_OBJECTS kindred_core)  # OBJECT libraries of which the library and its programs are made
set(KINDRED_OBJECTS_NEED "")       # what these link beside kindred_internal_dependencies
if(NOT KINDRED_MODULES)
  return()
endif()

# The digest of the headers that modules share with their loader, by which one of another build is refused.
set(module_stamp ${PROJECT_BINARY_DIR}/generated/module_stamp.hpp)
file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/*.hpp kernels/*.hpp kernels/*.cuh host/backend/*.hpp
     host/job/team.hpp)
add_custom_command(OUTPUT ${module_stamp}
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION} -DOUTPUT=${module_stamp}
          -P ${PROJECT_SOURCE_DIR}/cmake/module_stamp.cmake
  DEPENDS ${headers} cmake/module_stamp.cmake)
add_custom_target(kindred_module_stamp DEPENDS ${module_stamp})

# Where modules lie, seen from a program.
file(RELATIVE_PATH module_folder ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/kindred)
set_source_files_properties(host/backend/modules.cpp kernels/launch/cpu_module.cpp host/job/mpi/mpi_team.cpp PROPERTIES
  INCLUDE_DIRECTORIES ${PROJECT_BINARY_DIR}/generated OBJECT_DEPENDS ${module_stamp})
set_source_files_properties(host/backend/modules.cpp PROPERTIES
  COMPILE_DEFINITIONS "KINDRED_MODULE_FOLDER=\"${module_folder}\"")
set_source_files_properties(host/backend/cpu/cpu_levels.cpp PROPERTIES COMPILE_DEFINITIONS KINDRED_MODULES)

# kindred_module(TARGET NAME): TARGET, a MODULE library, is libkindred_NAME.so.
function(kindred_module target name)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME kindred_${name} PREFIX lib
                        LIBRARY_OUTPUT_DIRECTORY ${KINDRED_LIBRARY_DIR}/kindred)
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")  # the same objects as in a static kindred
  target_link_options(${target} PRIVATE LINKER:--build-id LINKER:--as-needed LINKER:--exclude-libs,ALL)
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")  # whose functions are the program's
    target_link_options(${target} PRIVATE LINKER:-z,defs)
  endif()
  add_dependencies(${target} kindred_module_stamp)
  set(KINDRED_MODULE_TARGETS ${KINDRED_MODULE_TARGETS} ${target} PARENT_SCOPE)
endfunction()
