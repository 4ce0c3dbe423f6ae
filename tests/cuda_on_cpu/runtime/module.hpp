// A module: the kernels and variables of one fat binary of the program.
#pragma once

#include "tests/cuda_on_cpu/runtime/runtime.hpp"

#include <map>
#include <string>
#include <vector>

namespace ccpu {

struct Variable {
  std::string name;
  u64 size;
  void** managed;  // where the program wants the address of a __managed__ variable
};
struct KernelEntry {
  std::string key, broken;  // its name in the cache; why it cannot be run
  int shared = 0, local = 0, threads = 0;
};
struct GlobalEntry {
  u64 align, size;
  std::string data, relocations;
};
/// The PTX of one source file for one architecture, as it lies in the program.
struct PackedPtx {
  int arch;
  std::string data;
  u64 flags, unpacked_size;
};
struct Module {
  std::vector<PackedPtx> ptx;
  std::string file;  // the program or library that it is in
  bool loaded = false, usable = false;
  int arch = 0;
  std::string key;  // its name in the cache
  std::map<std::string, KernelEntry> kernels;
  std::map<std::string, GlobalEntry> globals;
  std::map<std::string, void*> addresses;
  std::vector<Variable> variables;
};
struct Function {
  Module* module;
  std::string name;
  const KernelDesc* kernel = nullptr;
  int max_dynamic = -1;  // set by cudaFuncSetAttribute
  u64 launches = 0, ns = 0;
};

// fatbin.cpp
/// Collects the PTX of the fat binary at p; of relocatable device code from the program file around `address`.
void read_fatbin(Module* m, const u8* p);
void read_relocatable(Module* m, const void* address);
/// The PTX of a module for its architecture.
std::string unpack(const Module& m);

// kernel_cache.cpp
/// Translates a module, or reads the result of an earlier translation. False with a message: failed.
bool translate(Module* m);
/// Compiles a kernel, or finds the result of an earlier compilation, and loads it. Null with a message: failed.
const KernelDesc* load_kernel(const Module& m, const std::string& name);
/// Compiles all kernels of a module, several at a time.
void compile_all(const Module& m);

// module.cpp
/// Makes a module's kernels and variables known. False with a message: it cannot be run.
bool load(Module* m);
Function* find_function(const void* handle);
/// The loaded kernel of a function, or null with a message.
const KernelDesc* kernel_of(Function& f);

}  // namespace ccpu
