#pragma once
/// Work of the HDF5 library in a process of its own.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace kindred::io::hdf5 {

/// Does `work` in a process that is forked for it, and waits. On some damaged files the library reads past its buffers,
/// aborts or loops for ever, which then ends that process alone. Of what `work` changes, this process sees only what it
/// writes to shared_bytes; an Error or std::bad_alloc that it throws is thrown here. Throws Error{io} that names
/// `origin` if the process ends in another way, or takes more processor time than 60 s and 1 s a megabyte of `bytes`.
/// Where no process can be forked, the work is done in this one.
/// Other threads may run: the library's lock is held during the fork, and the child calls nothing but the library, the
/// allocator and the C++ runtime, which work after a fork too. It dies with its parent, writes no core and prints
/// nothing.
/// Cost: the fork, a few milliseconds, and more with the memory of the process.
void apart(const std::string& origin, std::size_t bytes, const std::function<void()>& work);

/// Memory that a process of `apart` shares with this one, zero at first. Throws std::bad_alloc.
[[nodiscard]] std::shared_ptr<std::byte[]> shared_bytes(std::size_t bytes);

}  // namespace kindred::io::hdf5
