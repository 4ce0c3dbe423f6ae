#pragma once
/// The entry point of a module: a part of kindred in a shared library of its own, which host/backend/modules loads when
/// it is needed.
#include "module_stamp.hpp"

/// What the module offers is at `interface`. The stamp is that of the headers which the module and its loader share:
/// with another one, they would misunderstand each other.
#define KINDRED_MODULE(interface)                                                            \
  extern "C" [[gnu::visibility("default")]] const void* kindred_module(const char** stamp);  \
  extern "C" [[gnu::visibility("default")]] const void* kindred_module(const char** stamp) { \
    *stamp = KINDRED_MODULE_STAMP;                                                           \
    return interface;                                                                        \
  }
