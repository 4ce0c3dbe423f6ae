include(CMakeDependentOption)
include(CheckLanguage)

if(PROJECT_IS_TOP_LEVEL)
  option(BUILD_SHARED_LIBS "Build kindred as a shared library" ON)  # inside another project its choice holds
endif()
option(KINDRED_MODULES "Load the CUDA backend and the processor's levels at run time (a static kindred has them inside)"
       ${BUILD_SHARED_LIBS})
option(KINDRED_BUILD_CLI "Build the command-line program" ${PROJECT_IS_TOP_LEVEL})
option(KINDRED_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(KINDRED_BUILD_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(KINDRED_BUILD_FUZZERS "Build the libFuzzer programs (clang only)" OFF)
option(KINDRED_BUILD_PYTHON "Build the Python module (needs Python and nanobind)" OFF)
option(KINDRED_WERROR "Treat warnings as errors" OFF)
option(KINDRED_TOGETHER "Compile some folders' files as one, which takes a whole build less time" ON)
option(KINDRED_MPI "Build the module by which processes of several machines share a comparison, where MPI is found" ON)
option(KINDRED_LIBXSMM "Use LIBXSMM for small matrix products where it is found" ON)
option(KINDRED_HDF5 "Read and write HDF5 files where the HDF5 library is found" ON)

# CUDA: on where nvcc is found, unless the user says otherwise.
if(NOT DEFINED KINDRED_CUDA)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(KINDRED_CUDA_DEFAULT ON)
  else()
    set(KINDRED_CUDA_DEFAULT OFF)
  endif()
endif()
option(KINDRED_CUDA "Build the CUDA backend" ${KINDRED_CUDA_DEFAULT})

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
# A compiler cache where there is one and the user has not said otherwise.
find_program(KINDRED_CCACHE ccache)
foreach(language CXX CUDA)
  set(launcher CMAKE_${language}_COMPILER_LAUNCHER)
  if(KINDRED_CCACHE AND NOT DEFINED ${launcher} AND NOT DEFINED ENV{${launcher}})
    # What it must be told to keep files that use a precompiled header. Without pch_defines it keeps no such header
    # itself: it takes the one that is being replaced for a part of its source, and would hand it out again after a
    # change.
    set(${launcher} ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=time_macros ${KINDRED_CCACHE})
  endif()
endforeach()
set(CMAKE_CXX_EXTENSIONS OFF)
# A shared library shows what is marked KINDRED_EXPORT, and nothing else.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
