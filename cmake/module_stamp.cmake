# Writes OUTPUT: the digest of all headers under SOURCE that a module and its loader share.
file(GLOB_RECURSE headers ${SOURCE}/include/*.hpp ${SOURCE}/kernels/*.hpp ${SOURCE}/kernels/*.cuh
     ${SOURCE}/host/backend/*.hpp ${SOURCE}/host/job/team.hpp)
list(SORT headers)
set(digests "")
foreach(header ${headers})
  file(SHA256 ${header} digest)
  string(APPEND digests ${digest})
endforeach()
string(SHA256 digest "${digests}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once\n#define KINDRED_MODULE_STAMP \"${VERSION} ${digest}\"\n")
