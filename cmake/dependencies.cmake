# Everything a target of this project links, found once. `./run` installs the Debian packages of packages.txt.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.10 REQUIRED)

# OpenBLAS: its OpenMP build is serial inside a parallel region, which is what a batch over systems needs.
find_path(KINDRED_OPENBLAS_INCLUDE cblas.h REQUIRED
          PATH_SUFFIXES x86_64-linux-gnu/openblas-openmp aarch64-linux-gnu/openblas-openmp openblas-openmp openblas)
find_library(KINDRED_OPENBLAS_LIBRARY openblas REQUIRED
             HINTS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp)
find_path(KINDRED_LAPACKE_INCLUDE lapacke.h REQUIRED)
find_library(KINDRED_LAPACKE_LIBRARY lapacke REQUIRED)

add_library(kindred_internal_dependencies INTERFACE)
target_include_directories(kindred_internal_dependencies SYSTEM INTERFACE
  ${KINDRED_OPENBLAS_INCLUDE} ${KINDRED_LAPACKE_INCLUDE})
target_link_libraries(kindred_internal_dependencies INTERFACE
  ${KINDRED_OPENBLAS_LIBRARY} ${KINDRED_LAPACKE_LIBRARY} OpenMP::OpenMP_CXX Threads::Threads ZLIB::ZLIB Eigen3::Eigen
  nlohmann_json::nlohmann_json)

# LIBXSMM's BLAS fallbacks come from OpenBLAS: its own xsmmnoblas defines dgemv_ and others as stubs, which LAPACK would
# then call in place of the real ones.
if(KINDRED_LIBXSMM)
  find_path(KINDRED_LIBXSMM_INCLUDE libxsmm.h)
  find_library(KINDRED_LIBXSMM_LIBRARY xsmm)
  if(KINDRED_LIBXSMM_INCLUDE AND KINDRED_LIBXSMM_LIBRARY)
    target_include_directories(kindred_internal_dependencies SYSTEM INTERFACE ${KINDRED_LIBXSMM_INCLUDE})
    target_link_libraries(kindred_internal_dependencies INTERFACE
      ${KINDRED_LIBXSMM_LIBRARY} ${KINDRED_OPENBLAS_LIBRARY} ${CMAKE_DL_LIBS})
    target_compile_definitions(kindred_internal_dependencies INTERFACE KINDRED_HAVE_LIBXSMM)
  else()
    message(STATUS "LIBXSMM not found: small products use the portable loops")
  endif()
endif()

# HDF5, the serial library with its C interface. Files that use it lie in folders `hdf5` of host/ and of tests/: they
# alone see its headers, and KINDRED_HAVE_HDF5 where it is there (kindred_uses_hdf5).
set(KINDRED_HDF5_FOUND FALSE)
if(KINDRED_HDF5)
  find_path(KINDRED_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial)
  find_library(KINDRED_HDF5_LIBRARY NAMES hdf5_serial hdf5)
  if(KINDRED_HDF5_INCLUDE AND KINDRED_HDF5_LIBRARY)
    set(KINDRED_HDF5_FOUND TRUE)
    target_link_libraries(kindred_internal_dependencies INTERFACE ${KINDRED_HDF5_LIBRARY})
  else()
    message(STATUS "HDF5 not found: built without its files (.h5, .mat of MATLAB 7.3)")
  endif()
endif()

# kindred_uses_hdf5(FILE...)
function(kindred_uses_hdf5)
  if(KINDRED_HDF5_FOUND)
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS KINDRED_HAVE_HDF5)
    set_property(SOURCE ${ARGN} APPEND PROPERTY INCLUDE_DIRECTORIES ${KINDRED_HDF5_INCLUDE})
  endif()
endfunction()
