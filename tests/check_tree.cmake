# The rules of the tree that a compiler does not check: which folder includes which, no circle among files, no long file
# without a reason, no long line, exported functions, and headers that compile alone.
# Arguments: SOURCE (repository), CXX, INCLUDES (semicolon list), WORK (scratch)
cmake_minimum_required(VERSION 3.25)
set(errors "")

# ---- which folder includes which ----
# Each line is a folder and what it may include beside itself and the public headers. A folder stands below all that
# include it, so this list is also the order of the layers.
set(layers
  "kernels/exec"
  "kernels/prim: kernels/exec"
  "kernels/pavf: kernels/exec kernels/prim"
  "kernels/program: kernels/exec kernels/prim kernels/pavf"
  "kernels/programs.hpp: kernels/exec"
  "kernels/launch: kernels/exec kernels/program kernels/programs.hpp"
  "host/base"
  "host/metric: host/base"
  "host/io: host/base"
  "host/simulate: host/base"
  "host/backend: host/base kernels/exec kernels/prim kernels/program kernels/programs.hpp kernels/launch"
  "host/store: host/base host/metric host/io"
  "host/engine: host/base host/metric host/store host/backend kernels/exec kernels/prim kernels/pavf kernels/program"
  "host/train: host/base host/simulate host/backend/openblas.hpp"
  "host/statistics: host/base"
  "host/testcase: host/base host/metric host/simulate host/statistics host/train"
  "host/job: host/base host/metric host/store host/io host/backend/modules.hpp kernels/launch/module.hpp"
  "host/cli: host/base host/metric host/io host/statistics host/store host/testcase host/job"
  "include/kindred")

file(GLOB_RECURSE sources RELATIVE ${SOURCE} ${SOURCE}/include/*.hpp ${SOURCE}/include/*.in
     ${SOURCE}/kernels/*.hpp ${SOURCE}/kernels/*.cuh ${SOURCE}/kernels/*.cpp ${SOURCE}/host/*.hpp ${SOURCE}/host/*.cpp)
foreach(source ${sources})
  set(folder "")
  foreach(layer ${layers})
    string(REGEX MATCH "^([^:]+):?(.*)$" layer "${layer}")
    set(rest "${CMAKE_MATCH_2}")
    string(FIND "${source}" "${CMAKE_MATCH_1}" at)
    if(at EQUAL 0)
      set(folder "${CMAKE_MATCH_1}")
      string(REPLACE " " ";" allowed "${rest}")
      list(REMOVE_ITEM allowed "")
    endif()
  endforeach()
  if(folder STREQUAL "")
    string(APPEND errors "${source}: its folder has no line in check_tree.cmake\n")
    continue()
  endif()
  file(STRINGS ${SOURCE}/${source} includes REGEX "^ *#include [\"<](host|kernels|kindred)/")
  set(included "")
  foreach(line ${includes})
    string(REGEX REPLACE "^ *#include [\"<]([^\">]+)[\">].*" "\\1" path "${line}")
    if(path MATCHES "^kindred/")
      list(APPEND included include/${path})
      continue()
    endif()
    list(APPEND included ${path})
    set(may FALSE)
    foreach(other ${folder} ${allowed})
      string(FIND "${path}" "${other}" at)
      if(at EQUAL 0)
        set(may TRUE)
      endif()
    endforeach()
    if(NOT may)
      list(JOIN allowed " " may_list)
      string(APPEND errors "${source} includes ${path}: ${folder} may include only ${folder} ${may_list}\n")
    endif()
  endforeach()
  if(NOT source MATCHES "\\.cpp$")  # nothing includes a .cpp
    set("includes_of_${source}" "${included}")
    list(APPEND waiting ${source})
  endif()
endforeach()

# Outside of the project.
function(forbid glob pattern why)
  file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/${glob})
  foreach(file ${files})
    file(STRINGS ${SOURCE}/${file} hits REGEX "#include [\"<](${pattern})")
    if(hits AND NOT file STREQUAL "include/kindred/cuda.hpp")
      string(APPEND errors "${file}: ${why}: ${hits}\n")
    endif()
  endforeach()
  set(errors "${errors}" PARENT_SCOPE)
endfunction()
forbid("include/*.hpp" "cuda|cublas|cblas|lapacke|libxsmm|Eigen|hdf5|nlohmann" "public headers name no library")
forbid("host/engine/*" "cublas|cuda" "the engine knows CUDA through the seam alone")

# The library names fields (Dmd::delays); options are the program's, which puts its own words in place of the fields'.
foreach(source ${sources})
  if(source MATCHES "^host/" AND NOT source MATCHES "^host/cli/")
    file(STRINGS ${SOURCE}/${source} hits REGEX "\"[^\"]*--[a-z]")
    if(hits)
      string(APPEND errors "${source}: a message names a command-line option: ${hits}\n")
    endif()
  endif()
endforeach()

# ---- no circle: headers whose includes are all known are known ----
set(known "")
while(waiting)
  set(rest "")
  foreach(header ${waiting})
    set(open ${includes_of_${header}})
    list(REMOVE_ITEM open ${known})
    list(FILTER open EXCLUDE REGEX "^include/kindred/(version|export)\\.hpp$")  # made by CMake
    if(open)
      list(APPEND rest ${header})
    else()
      list(APPEND known ${header})
    endif()
  endforeach()
  if("${rest}" STREQUAL "${waiting}")
    string(REPLACE ";" "\n  " circle "${rest}")
    string(APPEND errors "headers include each other in a circle (or one that is not there):\n  ${circle}\n")
    break()
  endif()
  set(waiting ${rest})
endwhile()

# ---- a file of more than 400 lines says in its head why it is one ----
foreach(source ${sources})
  file(READ ${SOURCE}/${source} text)
  string(REGEX MATCHALL "\n" lines "${text}")
  list(LENGTH lines length)
  if(length GREATER 400)
    string(SUBSTRING "${text}" 0 1000 head)
    if(NOT head MATCHES "[Oo]ne file")
      string(APPEND errors "${source}: ${length} lines, and no reason in its head why it is one file\n")
    endif()
  endif()
endforeach()

# ---- no line over 120 columns, which the formatter leaves as they are in comments and texts ----
string(REPEAT "." 121 too_long)
set(folders bench cmake docs host include kernels python tests)
list(TRANSFORM folders PREPEND "${SOURCE}/")
set(patterns "")
foreach(folder ${folders})
  foreach(pattern "*.hpp" "*.cpp" "*.cu" "*.cuh" "*.py" "*.sh" "*.cmake" "CMakeLists.txt")
    list(APPEND patterns "${folder}/${pattern}")
  endforeach()
endforeach()
file(GLOB_RECURSE written RELATIVE ${SOURCE} ${patterns})
foreach(source ${written} CMakeLists.txt run)
  file(STRINGS ${SOURCE}/${source} lines REGEX "${too_long}" ENCODING UTF-8)
  list(FILTER lines EXCLUDE REGEX "https?://")  # an address stays whole
  if(lines)
    string(APPEND errors "${source}: a line of more than 120 columns: ${lines}\n")
  endif()
endforeach()

# ---- functions that the public headers declare are exported ----
foreach(source ${sources})
  if(NOT source MATCHES "^include/kindred/")
    continue()
  endif()
  file(STRINGS ${SOURCE}/${source} lines REGEX "^[A-Za-z[].*[a-z_0-9]\\(")
  foreach(line ${lines})
    if(line MATCHES ";$" AND NOT line MATCHES "KINDRED_EXPORT|^using |^static_assert|^template |^friend | -> ")
      string(APPEND errors "${source}: declared but not exported: ${line}\n")
    endif()
  endforeach()
endforeach()

# ---- headers that compile alone ----
# A header with a source file of its own name is the first that this includes, and so compiles alone whenever that
# compiles; the others are compiled here. include/kindred/cuda.hpp is the one header that needs the CUDA toolkit, and
# kernels/launch/module.hpp needs a file that a build with modules makes.
set(headers ${sources})
list(FILTER headers INCLUDE REGEX "\\.hpp$")
list(FILTER headers EXCLUDE REGEX "^include/kindred/cuda\\.hpp$|^host/backend/cuda/|^kernels/launch/module\\.hpp$")
set(flags "")
foreach(dir ${INCLUDES})
  list(APPEND flags -I${dir})
endforeach()
file(MAKE_DIRECTORY ${WORK})
foreach(header ${headers})
  string(REGEX REPLACE "hpp$" "cpp" source ${header})
  if(EXISTS ${SOURCE}/${source})
    file(STRINGS ${SOURCE}/${source} first REGEX "^#include" LIMIT_COUNT 1)
    if(NOT first STREQUAL "#include \"${header}\"")
      string(APPEND errors "${source} includes first ${first}, expected its own header\n")
    endif()
    continue()
  endif()
  execute_process(COMMAND ${CXX} -std=c++20 -fsyntax-only -Wall -Wextra -x c++ ${flags} ${SOURCE}/${header}
                  RESULT_VARIABLE failed ERROR_VARIABLE out)
  string(REGEX REPLACE "[^\n]*#pragma once in main file[^\n]*\n[^\n]*\n[^\n]*\n" "" out "${out}")
  if(failed)
    string(APPEND errors "${header} does not compile alone:\n${out}\n")
  endif()
endforeach()
if(errors)
  message(FATAL_ERROR "${errors}")
endif()
