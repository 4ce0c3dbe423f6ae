# Installs the build tree into a fresh prefix, then configures, builds and runs the project beside this file against it;
# and configures a project that has kindred inside.
# Arguments: BUILD (build tree), SOURCE (this folder), WORK (scratch), GENERATOR, CXX, CUDA_LIBRARIES
# (tests/cuda_on_cpu; may be empty)
set(with "-G;${GENERATOR};-DCMAKE_CXX_COMPILER=${CXX}")
foreach(step
    "--install;${BUILD};--prefix;${WORK}/prefix"
    "-S;${SOURCE};-B;${WORK}/build;${with};-DCMAKE_PREFIX_PATH=${WORK}/prefix;-DKINDRED_PREFIX=${WORK}/prefix"
    "--build;${WORK}/build"
    "-S;${SOURCE}/inside;-B;${WORK}/inside;${with};-DKINDRED_SOURCE=${SOURCE}/../..;-DKINDRED_CUDA=OFF")
  execute_process(COMMAND ${CMAKE_COMMAND} ${step} RESULT_VARIABLE failed OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(failed)
    message(FATAL_ERROR "cmake ${step} failed:\n${out}")
  endif()
endforeach()
execute_process(COMMAND ${WORK}/build/consume RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the consuming program failed: ${failed}")
endif()
if(EXISTS ${WORK}/build/consume_cuda)
  execute_process(COMMAND ${SOURCE}/../on_cuda.sh "${CUDA_LIBRARIES}" ${WORK}/build/consume_cuda RESULT_VARIABLE failed)
  if(failed AND NOT failed EQUAL 77)  # 77: there is no device
    message(FATAL_ERROR "the consuming program failed on a CUDA device: ${failed}")
  endif()
endif()
