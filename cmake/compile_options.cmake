function(kindred_warnings target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion $<$<BOOL:${KINDRED_WERROR}>:-Werror>>)
  # GCC 12 sees overlapping or endless copies in std::string's operator+ (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds>)
  endif()
endfunction()

# A part of the library or of the program.
function(kindred_part target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  kindred_warnings(${target})
endfunction()

# Code that computes nothing heavy (parsing, reports, tests) is built for build time.
function(kindred_light_optimisation target)
  target_compile_options(${target} PRIVATE $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-O1>)
endfunction()

# kindred_together(TARGET FOLDER...): the files of each of these folders, which lie in the current one, are compiled as
# one, so that what they include is read once a folder. Names in unnamed namespaces then differ within a folder.
function(kindred_together target)
  if(NOT KINDRED_TOGETHER)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(folder ${ARGN})
    file(GLOB sources ${folder}/*.cpp)
    string(MAKE_C_IDENTIFIER ${folder} group)
    set_source_files_properties(${sources} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()
